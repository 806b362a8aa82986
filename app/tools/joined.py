"""Several runners of tools as one: Sawhorse's own, and those of MCP servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.tools.tool import SandboxState, ToolResult, ToolRun, ToolRunner, ToolSpec


class JoinedRunner:
    """A ``ToolRunner`` that hands each call to the one that lists its tool.

    Args:
        runners: In the order their tools are listed; the first says what holds commands, gets the calls of tools
            that nobody lists any more, and wins where two tools have one name.
    """

    def __init__(self, runners: Sequence[ToolRunner]) -> None:
        self._runners = tuple(runners)
        self._requests: dict[int, tuple[ToolRunner, int]] = {}
        self._next_request = 1

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools of all, each name once."""
        by_name: dict[str, ToolSpec] = {}
        for runner in self._runners:
            for spec in runner.specs:
                by_name.setdefault(spec.name, spec)
        return tuple(by_name.values())

    @property
    def sandbox(self) -> SandboxState | None:
        """What commands are held by; None until that is known."""
        return self._runners[0].sandbox

    def run(self, run: ToolRun, on_output: Callable[[str], None], on_done: Callable[[ToolResult], None]) -> int:
        """Run a call; see ``ToolRunner``."""
        request, self._next_request = self._next_request, self._next_request + 1

        def done(result: ToolResult) -> None:
            self._requests.pop(request, None)
            on_done(result)

        runner = self._owner(run.name)
        self._requests[request] = (runner, runner.run(run, on_output, done))
        return request

    def cancel(self, request: int) -> None:
        """End a call; its result still comes. One that has ended is left alone."""
        if request in self._requests:
            runner, own_request = self._requests[request]
            runner.cancel(own_request)

    def _owner(self, name: str) -> ToolRunner:
        listing = (runner for runner in self._runners if any(spec.name == name for spec in runner.specs))
        return next(listing, self._runners[0])
