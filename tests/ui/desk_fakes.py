"""A desk with real editors but no tabs, a person who looks at changes, and tools that answer when the test says so."""

from __future__ import annotations

from app.files.block_job import answer
from app.ipc.job import failed_by
from app.tools.builtin import SPECS
from app.tools.tool import ToolResult
from app.tools.views import TerminalView
from tests.ui.agent_fakes import BUBBLEWRAP
from ui.editor.code_editor import CodeEditor


class FakeDesk:
    """Files that are open; every editor is a real one."""

    def __init__(self, theme, qtbot):
        self._theme, self._qtbot = theme, qtbot
        self.editors = {}
        self.current_path = ""
        self.new = []
        self.tool_changes = []
        self.taken = []

    def show(self, path, text):
        editor = CodeEditor(self._theme)
        self._qtbot.addWidget(editor)
        editor.set_language(path)
        editor.load_text(text)
        self._qtbot.waitUntil(lambda: not editor.is_loading)
        self.editors[path] = editor
        self.current_path = path
        return editor

    @property
    def current_editor(self):
        return self.editors.get(self.current_path)

    @property
    def open_paths(self):
        return tuple(self.editors)

    def text_of(self, path):
        editor = self.editors.get(path)
        return editor.text() if editor is not None else None

    def open_file(self, path, line=0, column=1):
        self.current_path = path

    def open_text(self, text, name=""):
        self.new.append((name, text))

    def change_text(self, path, text):
        self.editors[path].replace_text(text)

    def tool_changed(self, path):
        self.tool_changes.append(path)

    def taken_back(self, path):
        self.taken.append(path)


class FakeAsker:
    """A person who sees a change and says yes when the test does."""

    def __init__(self):
        self.asked = []

    def ask(self, title, path, before, after, accept_words, on_accept):
        self.asked.append((title, path, before, after))
        self.accept = on_accept


class NearJob:
    """The job's work, done at once."""

    def __init__(self):
        self.rests = 0

    def ask(self, command, on_event, *, limit_s=0.0):
        try:
            on_event(answer(command, lambda _event: None))
        except Exception as error:  # noqa: BLE001 - as a child tells it
            on_event(failed_by(error))
        return 1

    def rest(self):
        self.rests += 1


class FakeTools:
    """A runner of tools, the prober and the undoer in one: it remembers, and the test answers."""

    def __init__(self, sandbox=BUBBLEWRAP):
        self.specs = SPECS
        self.sandbox = sandbox
        self.found = BUBBLEWRAP
        self.runs = []
        self.cancelled = []
        self.undone = []

    def run(self, run, on_output, on_done):
        self.runs.append((run, on_output, on_done))
        return len(self.runs)

    def cancel(self, request):
        self.cancelled.append(request)

    def probe(self, on_done, on_failed):
        self.sandbox = self.found
        on_done(self.sandbox)

    def undo(self, workspace, run_key, on_done, on_failed):
        self.undone.append((workspace, run_key))
        self.answer_undo = on_done

    def print(self, number, text):
        self.runs[number][1](text)

    def end(self, number, **fields):
        names = ("output", "exit_code", "ended", "changed_files", "note")
        view = {"output": "", **{name: fields.pop(name) for name in names if name in fields}}
        made = TerminalView(command="x", sandbox="bubblewrap", **view)
        whole = {"content": "", "view": made, "sandbox": "bubblewrap", "seconds": 1.5, **fields}
        self.runs[number][2](ToolResult(**whole))
