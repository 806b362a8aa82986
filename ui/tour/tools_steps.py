"""The tour's steps with tools. The calls are the tour's own, since a small model may not make any; all else is real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.agent.forms import parser_for
from app.chat.body import Body
from app.chat.offer import call_id
from app.conversations.parts import TextPart
from ui.theme.theme import Mode
from ui.tour.script import Step

if TYPE_CHECKING:
    from ui.tour.scenario import Stage

#: A reply is at most so long: the steps are about the calls.
_SAMPLING = {"temperature": 0.0, "max_tokens": 40}
_COMMAND_S = 60.0
_ASKED = "The test of the greeting fails. Find out why and mend it."
_AUTHOR = "The tour"
_FILES = {
    "greet.py": '"""Greets people."""\n\n\ndef greet(name):\n    """Return a greeting."""\n    return "Hello " + name\n',
    "test_greet.py": (
        "import unittest\n\nfrom greet import greet\n\n\nclass TestGreet(unittest.TestCase):\n"
        '    def test_a_greeting_has_a_comma(self):\n        self.assertEqual(greet("Ada"), "Hello, Ada!")\n'
    ),
}
#: What a model would write; read by the same parser as a model's reply.
_REPLY = """I will look at the code, mend it and run the test.

<tool_call>
<function=list_dir>
<parameter=path>
.
</parameter>
</function>
</tool_call>
<tool_call>
<function=read_file>
<parameter=path>
greet.py
</parameter>
</function>
</tool_call>
<tool_call>
<function=edit_file>
<parameter=path>
greet.py
</parameter>
<parameter=old_text>
    return "Hello " + name
</parameter>
<parameter=new_text>
    return f"Hello, {name}!"
</parameter>
</function>
</tool_call>
<tool_call>
<function=run_command>
<parameter=command>
python3 -B -m unittest -v
</parameter>
</function>
</tool_call>"""


class Work:
    """A small project and a run in it."""

    def __init__(self, stage: Stage, place: Path) -> None:
        self._stage = stage
        self._folder = place / "greeter"
        self._before: int | None = None

    def choose(self) -> None:
        """Make the project and choose its folder for a new conversation."""
        self._folder.mkdir()
        for name, text in _FILES.items():
            (self._folder / name).write_text(text, "utf-8")
        conversation = self._stage.window.session.conversation
        self._before = conversation.id if conversation else None
        self._stage.window.chat.new_conversation()
        self._stage.window.agent.tools.set_folder(str(self._folder))

    def begin(self) -> None:
        """Put the question and the reply with calls into a conversation and have the calls done."""
        window = self._stage.window
        store = window.store
        made = store.create("A greeting", sampling=_SAMPLING, workspace=str(self._folder))
        asked = store.add_turn(made.id, None, "user", (TextPart(text=_ASKED),), "complete")
        turn = store.add_turn(made.id, asked.id, "assistant", (), "streaming", model=_AUTHOR)
        body = Body(parser_for(window.core.runner.specs, ""), lambda index: call_id(turn.id, index))
        body.feed(_REPLY)
        body.finish(is_truncated=False)
        store.finish_turn(turn.id, body.parts(), "complete")
        window.chat.show(made.id)
        window.agent.control.proceed()

    def leave(self) -> None:
        """Show the conversation from before."""
        self._stage.window.chat.show(self._before)

    @property
    def knows_sandbox(self) -> bool:
        """It has been found out what holds commands."""
        return self._stage.window.core.runner.sandbox is not None

    def asks(self, tool: str) -> bool:
        """Return whether a call of a tool waits for a yes, and its button can be clicked."""
        pending = self._stage.window.agent.control.pending
        return pending is not None and pending.part.name == tool and self._stage.find("approve_button").isEnabled()

    @property
    def is_done(self) -> bool:
        """The run has ended and it is counted what it changed."""
        control = self._stage.window.agent.control
        return not control.is_active and control.changed_files == 1 and self._stage.is_idle

    @property
    def is_undone(self) -> bool:
        """The project is as it was made."""
        files = {path.name: path.read_text("utf-8") for path in self._folder.iterdir()}
        return files == _FILES and self._stage.window.agent.control.changed_files == 0

    def inspect(self, tool: str) -> None:
        """Put a call under the microscope."""
        window = self._stage.window
        calls = [call for turn in self._stage.branch for call in window.agent.control.calls_of(turn.id)]
        found = next(call for call in calls if call.part.name == tool)
        window.agent.control.act("inspect", found.part.call_id, None)


def tools_steps(stage: Stage, place: Path) -> list[Step]:
    """Return the steps; the project is a folder in ``place``."""
    work = Work(stage, place)

    def approve() -> None:
        stage.click("approve_button")

    return [
        Step("folder chosen", "the folder and its sandbox at the composer", work.choose, lambda: work.knows_sandbox),
        Step("call asks", "an edit that waits for a yes", work.begin, lambda: work.asks("edit_file")),
        Step("edit approved", "what the edit changed", approve, lambda: work.asks("run_command")),
        Step("command run", "what the command printed", approve, lambda: work.is_done, _COMMAND_S),
        *_inspector_steps(stage, work),
        *_undo_steps(stage, work),
        Step("back", "the conversation from before", work.leave, lambda: stage.is_idle, picture=False),
    ]


def _inspector_steps(stage: Stage, work: Work) -> list[Step]:
    def show() -> None:
        stage.window.window.show_panel("inspector")

    def hide() -> None:
        stage.window.window.action_table.run("panel.inspector")

    def is_open() -> bool:
        return stage.find("inspector").isVisible()

    def set_mode(mode: Mode) -> Callable[[], None]:
        return lambda: stage.set_mode(mode)

    return [
        Step("timeline", "where the time of the run went", show, is_open),
        Step("microscope", "one call from its text to its result", lambda: work.inspect("edit_file"), is_open),
        Step("tools in the dark", "the same, dark", set_mode("dark"), lambda: stage.window.theme.is_dark),
        Step("tools in the light", "light", set_mode("light"), lambda: not stage.window.theme.is_dark, picture=False),
        Step("inspector closed", "no inspector", hide, lambda: not is_open(), picture=False),
    ]


def _undo_steps(stage: Stage, work: Work) -> list[Step]:
    def review() -> None:
        stage.click("run_review_button")

    def ask() -> None:
        stage.click("undo_run_button")

    return [
        Step("changes", "a file with its change", review, lambda: stage.has("changes_dialog")),
        Step("undo asked", "a question before it is undone", ask, lambda: stage.has("undo_yes_button")),
        Step("undone", "the folder as it was", lambda: stage.click("undo_yes_button"), lambda: work.is_undone),
        Step("changes closed", "no dialog", lambda: stage.close("changes_dialog"), lambda: True),
    ]
