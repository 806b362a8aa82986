"""Completion at the cursor: asks the model at a pause or on request, and shows what it says as ghost text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from shiboken6 import isValid

from app.engine.engine import Engine
from app.engine.messages import AnyEvent, Delta, Died, Failed, Finished, InfillPrompt, Loaded, Unloaded
from app.errors import AppError
from app.infill.kept import KeptCompletions
from app.infill.proposal import proposal
from app.infill.rules import TIME_LIMIT_S, Shape, is_apt, sampling_for, shape_of
from app.infill.surroundings import Surroundings
from app.settings import SettingsFile
from ui.control.infill_text import around_cursor, beginning_of
from ui.editor.code_editor import CodeEditor
from ui.editor.desk import EditorDesk

#: The beginnings of so many other files that were looked at last go with a request.
MOST_OTHERS = 2

InfillState = Literal["off", "on", "thinking", "unavailable"]
_WORDS: dict[InfillState, str] = {
    "off": "Completion: off",
    "on": "Completion: on",
    "thinking": "Completion: thinking\u2026",
    "unavailable": "Completion: not with this model",
}


@dataclass
class _Asked:
    """A completion under way.

    Attributes:
        typed: What was typed of it since, which agreed with it.
        is_requested: The person asked; else it was a pause.
    """

    request: int
    around: Surroundings
    shape: Shape
    is_requested: bool
    answer: str = ""
    typed: str = ""
    shown: str = ""


class InfillControl(QObject):
    """Proposes text in the editor that has the keyboard.

    Nothing is asked while a reply or a load is under way, and the next key press cancels what is, unless it types
    what is proposed. The chat's cache is not touched: see ``app.engine.llama.infill``.

    Signals:
        state_changed(): ``state`` is another.
    """

    state_changed = Signal()

    def __init__(
        self,
        engine: Engine,
        desk: EditorDesk,
        settings: SettingsFile,
        change_settings: Callable[[dict[str, Any]], None],
        is_busy: Callable[[], bool],
        show_error: Callable[[AppError], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._desk = desk
        self._settings = settings
        self._change_settings = change_settings
        self._is_busy = is_busy
        self._show_error = show_error
        self._editor: CodeEditor | None = None
        self._path = ""
        self._beginnings: OrderedDict[str, str] = OrderedDict()
        self._kept = KeptCompletions()
        self._asked: _Asked | None = None
        self._has_typed = False
        self._has_no_room = False
        self._told_state: InfillState = self.state
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(lambda: self._ask(is_requested=False))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._on_settle_timeout)
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.setInterval(round(TIME_LIMIT_S * 1000))
        self._limit.timeout.connect(self._on_limit_timeout)

    # --- what is ----------------------------------------------------------------------------------------

    @property
    def state(self) -> InfillState:
        """Whether text is proposed at a pause; "unavailable" while it is on and the model cannot."""
        if self._asked is not None:
            return "thinking"
        if not self._settings.settings.infill:
            return "off"
        model = self._engine.model
        return "unavailable" if model is not None and not model.supports_infill else "on"

    @property
    def is_on(self) -> bool:
        """Whether a pause asks for text."""
        return self._settings.settings.infill

    @property
    def words(self) -> str:
        """The state, for a status bar."""
        return _WORDS[self.state]

    # --- what happens around it -------------------------------------------------------------------------

    def follow(self) -> None:
        """Propose in the editor that is current now, or in another file that it shows."""
        editor, path = self._desk.current_editor, self._desk.current_path
        if (editor, path) == (self._editor, self._path):
            return
        self.drop()
        self._leave()
        self._editor, self._path = editor, path
        if editor is not None:
            editor.typed.connect(self._on_editor_typed)
            editor.cursorPositionChanged.connect(self._on_editor_cursor_position_changed)
            editor.installEventFilter(self)

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        if isinstance(event, Loaded | Unloaded | Died):
            self._kept.clear()
            self._has_no_room = False
            self._end()
            self._tell()
            return
        asked = self._asked
        if asked is None or event.request != asked.request:
            return
        match event:
            case Delta():
                asked.answer += event.text
                self._show(asked, is_final=False)
            case Finished():
                if event.reason != "cancelled":
                    self._show(asked, is_final=True)
                self._end()
            case Failed():
                self._end()
                self._fail(event, is_requested=asked.is_requested)
            case _:
                pass

    def settings_changed(self) -> None:
        """Other settings are in force."""
        if not self._settings.settings.infill:
            self.drop()
        self._tell()

    def stop(self) -> None:
        """Ask nothing any more."""
        self._settle.stop()
        self.drop()
        self._leave()
        self._editor = None

    # --- verbs ------------------------------------------------------------------------------------------

    def toggle(self, is_on: bool) -> None:
        """Propose text at a pause, or only on request."""
        self._change_settings({"infill": is_on})
        self.settings_changed()
        model = self._engine.model
        if is_on and model is not None and not model.supports_infill:
            self._show_error(_no_infill())

    def request(self) -> None:
        """Propose text at the cursor now."""
        self._pause.stop()
        self._ask(is_requested=True)

    def drop(self) -> None:
        """Propose nothing, and cancel what is under way."""
        self._pause.stop()
        self._cancel()
        if self._editor is not None and isValid(self._editor):
            self._editor.clear_ghost()

    # --- asking -----------------------------------------------------------------------------------------

    def _ask(self, *, is_requested: bool) -> None:
        editor = self._editor
        if editor is None or not isValid(editor) or not _can_write(editor) or self._asked is not None:
            return
        if problem := self._problem():
            if is_requested:
                self._show_error(problem)
            return
        around = around_cursor(editor)
        if not is_requested and not (is_apt(around) and editor.hasFocus() and not self._has_no_room):
            return
        known = self._kept.find(around.before, around.after)
        if known or (known is not None and not is_requested):
            editor.set_ghost(known)
            return
        shape = shape_of(around)
        name = PurePath(self._path).name
        prompt = InfillPrompt(before=around.before, after=around.after, path=name, others=self._others())
        self._asked = _Asked(self._engine.generate(prompt, sampling_for(shape)), around, shape, is_requested)
        self._limit.start()
        self._tell()

    def _problem(self) -> AppError | None:
        model = self._engine.model
        if self._is_busy() or self._engine.state not in {"ready", "idle", "stopped", "failed"}:
            return AppError("The model is at work", "It proposes text when it is free.", "Stop the reply, or wait.")
        if model is None:
            return AppError("No model is loaded", "Completion needs one.", "Choose one from the model menu.")
        return None if model.supports_infill else _no_infill()

    def _others(self) -> tuple[tuple[str, str], ...]:
        open_paths = self._desk.open_paths
        known = [path for path in open_paths if path in self._beginnings and path != self._path][:MOST_OTHERS]
        return tuple((PurePath(path).name, self._beginnings[path]) for path in known)

    def _show(self, asked: _Asked, *, is_final: bool) -> None:
        made = proposal(asked.answer.replace("\r", ""), asked.around, asked.shape, is_final=is_final)
        if made.is_whole:
            self._kept.keep(asked.around.before, asked.around.after, made.text)
        editor = self._editor
        if editor is not None and made.text.startswith(asked.typed) and _can_write(editor) and editor.hasFocus():
            asked.shown = made.text
            editor.set_ghost(made.text[len(asked.typed) :])
        if made.is_whole and not is_final:
            self._cancel()

    def _fail(self, event: Failed, *, is_requested: bool) -> None:
        if event.code == "cancelled":
            return
        if is_requested or (event.code == "out_of_memory" and not self._has_no_room):
            self._show_error(AppError(event.title, event.message, event.hint, event.detail))
        self._has_no_room = self._has_no_room or event.code == "out_of_memory"

    def _cancel(self) -> None:
        if self._asked is not None:
            self._engine.cancel(self._asked.request)
            self._end()

    def _end(self) -> None:
        self._limit.stop()
        if self._asked is not None:
            self._asked = None
            self._tell()

    def _tell(self) -> None:
        if self.state != self._told_state:
            self._told_state = self.state
            self.state_changed.emit()

    def _on_limit_timeout(self) -> None:
        asked = self._asked
        if asked is not None:
            self._cancel()
            self._show(asked, is_final=True)

    # --- the editor -------------------------------------------------------------------------------------

    def _leave(self) -> None:
        editor = self._editor
        if editor is None or not isValid(editor):
            return
        if self._path and not editor.is_loading:
            self._beginnings[self._path] = beginning_of(editor)
            self._beginnings.move_to_end(self._path)
            while len(self._beginnings) > 4 * MOST_OTHERS:
                self._beginnings.popitem(last=False)
        editor.typed.disconnect(self._on_editor_typed)
        editor.cursorPositionChanged.disconnect(self._on_editor_cursor_position_changed)
        editor.removeEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """See Escape go by, which also ends a completion that has nothing to show yet."""
        if self._asked is not None and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)  # noqa: S101 - Qt's own promise
            if event.key() == Qt.Key.Key_Escape:
                self._cancel()
        return False

    def _on_editor_typed(self) -> None:
        """Wait for the cursor, which moves after the text has changed, if it does."""
        self._has_typed = True
        self._settle.start()
        self._pause.stop()
        editor = self._editor
        if self._settings.settings.infill and editor is not None and editor.hasFocus():
            self._pause.start(round(self._settings.settings.infill_pause * 1000))

    def _on_settle_timeout(self) -> None:
        """The text has changed behind the cursor, or elsewhere."""
        if self._has_typed:
            self._has_typed = False
            self._cancel()
            if self._editor is not None and isValid(self._editor):
                self._editor.clear_ghost()

    def _on_editor_cursor_position_changed(self) -> None:
        has_typed, self._has_typed = self._has_typed, False
        editor = self._editor
        if editor is None:
            return
        if not has_typed or not editor.hasFocus():
            self.drop()
            return
        if self._asked is None and not self._kept.has_any:
            return
        around = around_cursor(editor)
        rest = self._rest_of_asked(around)
        if rest is None:
            self._cancel()
            rest = self._kept.find(around.before, around.after) or ""
        if rest:
            self._pause.stop()
            editor.set_ghost(rest)

    def _rest_of_asked(self, around: Surroundings) -> str | None:
        """Return what is left of the completion under way if it says what was typed; None if it does not."""
        asked = self._asked
        if asked is None or around.after != asked.around.after or not around.before.startswith(asked.around.before):
            return None
        typed = around.before[len(asked.around.before) :]
        if not asked.shown.startswith(typed):
            return None
        asked.typed = typed
        return asked.shown[len(typed) :]


def _can_write(editor: CodeEditor) -> bool:
    has_selection = editor.textCursor().hasSelection()
    return not (editor.isReadOnly() or editor.is_loading or editor.is_composing or has_selection)


def _no_infill() -> AppError:
    return AppError(
        "This model has no fill-in-the-middle tokens",
        "Completion in the editor needs a model that was trained with them.",
        "Load a coding model that has them, such as Qwen2.5-Coder or Qwen3-Coder.",
    )
