"""Tools, calls and results for tests of cards, and how a person gets at a card's parts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.agent.live import LiveCall
from app.conversations.parts import CallProblem, ToolCallPart, ToolResultPart
from app.tools.tool import ToolSpec
from app.tools.views import (
    AnswerView,
    DiffView,
    Entry,
    FileView,
    JsonView,
    Match,
    MatchesView,
    TerminalView,
    TextView,
    Todo,
    TodoView,
    TreeView,
)
from ui.tools.shown_call import ShownCall
from ui.tools.tool_card import ToolCard

WIDTH = 700


def spec(name, kind="read", main="path", **properties):
    """Return a tool whose parameters are ``properties``, name to JSON Schema type."""
    parameters = {
        "type": "object",
        "properties": {key: {"type": value} for key, value in properties.items()},
        "required": [main] if main in properties else [],
    }
    return ToolSpec(name=name, description="", parameters=parameters, kind=kind, main_argument=main)


READ = spec("read_file", path="string", limit="integer")
WRITE = spec("write_file", "write", path="string", content="string")
COMMAND = spec("run_command", "command", "command", command="string", timeout="integer")
ASK = spec("ask_user", "talk", "question", question="string")


def call(arguments=None, state="done", tool=READ, *, name="", number=1, turn_id=1, raw="", problems=(), **fields):
    """Return a call of a tool; ``result`` may be a dict of the result's fields."""
    part = ToolCallPart(
        call_id=f"call-{number}", name=name or tool.name, arguments=arguments or {}, raw=raw, problems=problems
    )
    result = fields.pop("result", None)
    if isinstance(result, dict):
        result = ToolResultPart(**{"call_id": part.call_id, "name": part.name, "content": "", **result})
    return LiveCall(turn_id, part, state, spec=tool, result=result, **fields)


#: A view of every kind.
VIEWS = (
    TextView(text="Plain text."),
    JsonView(value={"a": [1, 2]}),
    FileView(path="a.py", text="x = 1\n", total_lines=1),
    DiffView(path="a.py", before="x = 1\n", after="x = 2\n"),
    TerminalView(command="ls", output="\x1b[31ma.py\x1b[0m\n", exit_code=0, sandbox="bubblewrap"),
    MatchesView(pattern="x", matches=(Match(path="a.py", line=1, text="x = 1", spans=((0, 1),)),), total=1, files=1),
    TreeView(root="", entries=(Entry(path="src", kind="folder"), Entry(path="src/a.py", kind="file")), total=2),
    TodoView(items=(Todo(text="First", state="done"), Todo(text="Second", state="in_progress"))),
    AnswerView(question="Which?", answer="That one"),
)
PROBLEMS = (
    CallProblem(code="wrong_type", message="limit has to be an integer.", start=5, end=9),
    CallProblem(code="not_closed", message="The call was not closed.", is_fatal=False),
)
#: A call in every state.
CALLS = {
    "writing": call(state="writing"),
    "queued": call({"path": "a.py"}, "queued"),
    "asking": call({"command": "ls -la"}, "asking", COMMAND, reason="Commands ask here.", can_remember=True),
    "question": call({"question": "Which?", "choices": ["This", "That"]}, "question", ASK),
    "running": call({"command": "make"}, "running", COMMAND, output="one\ntwo\n"),
    "invalid": call({"path": "a.py"}, "invalid", raw="<raw>many</raw>", problems=PROBLEMS),
    "done": call({"path": "a.py"}, result={"view": VIEWS[2], "seconds": 0.3, "step": "s1"}),
}


def make_card(theme, qtbot, live):
    """Show a card as a turn does, WIDTH pixels wide."""
    card = ToolCard(theme, ShownCall(live))
    qtbot.addWidget(card)
    card.resized.connect(lambda: card.resize(WIDTH, card.layout_to(WIDTH)))
    card.resize(WIDTH, card.layout_to(WIDTH))
    card.show()
    qtbot.waitExposed(card)
    return card


def tell(card, live):
    """Tell a card how its call stands now."""
    card._shown.update(live)
    card.refresh()


def seen(widget):
    """Return the words of the labels on show."""
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def part(widget, name):
    """Return the part of that name on show, None if there is none."""
    found = [one for one in widget.findChildren(QWidget, name) if one.isVisibleTo(widget)]
    return found[0] if found else None


def click(qtbot, widget, name):
    """Click the button of that name."""
    qtbot.mouseClick(part(widget, name), Qt.MouseButton.LeftButton)
