"""All tools as one: Sawhorse's own, and those of MCP servers."""

from __future__ import annotations

from collections.abc import Callable

from app.tools.tool import SandboxState, ToolResult, ToolRun, ToolRunner, ToolSpec


class ToolBox:
    """``ToolRunner`` over several; a call goes to the first that has a tool of its name.

    Args:
        own: Sawhorse's tools; it also hears of calls to tools that nobody has (any more), and says so.
        others: Those of MCP servers.
    """

    def __init__(self, own: ToolRunner, *others: ToolRunner) -> None:
        self._own = own
        self._runners = (own, *others)
        self._requests: dict[int, tuple[ToolRunner, int]] = {}
        self._next_request = 1

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """Every tool, Sawhorse's own first; a name that comes twice is its first owner's."""
        found: dict[str, ToolSpec] = {}
        for runner in self._runners:
            for spec in runner.specs:
                found.setdefault(spec.name, spec)
        return tuple(found.values())

    @property
    def sandbox(self) -> SandboxState | None:
        """What commands are held by."""
        return self._own.sandbox

    def run(self, run: ToolRun, on_output: Callable[[str], None], on_done: Callable[[ToolResult], None]) -> int:
        """Run a call; see ``ToolRunner``."""
        number, self._next_request = self._next_request, self._next_request + 1
        runner = next((it for it in self._runners if any(spec.name == run.name for spec in it.specs)), self._own)
        is_done = False

        def done(result: ToolResult) -> None:
            nonlocal is_done
            is_done = True
            self._requests.pop(number, None)
            on_done(result)

        request = runner.run(run, on_output, done)
        if not is_done:
            self._requests[number] = (runner, request)
        return number

    def cancel(self, request: int) -> None:
        """End a call; its result still comes."""
        if found := self._requests.get(request):
            runner, inner = found
            runner.cancel(inner)
