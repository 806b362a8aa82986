"""One changed file: its diff, or why there is none to be seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError
from ui.theme import Theme
from ui.tools.change_list import ShownChange
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import discard, make_label

#: Makes what shows a text before and after: theme, path, before, after (None: there was no file).
MakeDiff = Callable[[Theme, str, str | None, str | None], QWidget]
#: Reads a file's contents by name; the answer comes once: its bytes, None where they are no longer kept.
ReadContents = Callable[[str, Callable[[bytes | AppError | None], None]], None]
#: More is not laid out as text at once.
MAX_SHOWN_BYTES = 1_000_000


class ChangeView(QWidget):
    """Reads both contents and shows them; answers for a change that is no longer on show are dropped."""

    def __init__(
        self, theme: Theme, read_contents: ReadContents, make_diff: MakeDiff, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._read = read_contents
        self._make_diff = make_diff
        self._change: ShownChange | None = None
        self._request = 0
        self._answers: dict[str, bytes | AppError | None] = {}
        self._body: QWidget | None = None
        self._path = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self._path.setProperty("role", "strong")
        self._kind = make_label("", "badge")
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.space(2))
        self.head.addWidget(self._kind)
        self.head.addWidget(self._path, 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.space(2))
        self._layout.addLayout(self.head)
        self._say("")

    def show_change(self, change: ShownChange | None) -> None:
        """Show a change; None for nothing."""
        self._change = change
        self._request += 1
        self._answers = {}
        self._kind.setVisible(change is not None)
        self._path.set_text(change.path if change else "")
        self._say("")
        if change is None:
            return
        self._kind.setText(change.kind_words)
        names = [name for name in (change.before, change.after) if name is not None]
        for name in dict.fromkeys(names):
            self._ask(name, self._request)
        if not names:
            self._say("The run added this file and deleted it again.")

    # --- how --------------------------------------------------------------------------------------------

    def _ask(self, name: str, request: int) -> None:
        def take(answer: bytes | AppError | None) -> None:
            if request == self._request:
                self._answers[name] = answer
                self._draw()

        self._read(name, take)

    def _draw(self) -> None:
        change = self._change
        if change is None or any(name not in self._answers for name in (change.before, change.after) if name):
            return
        sides = [self._answers[name] if name else b"" for name in (change.before, change.after)]
        failed = next((side for side in sides if isinstance(side, AppError)), None)
        if failed is not None:
            self._say(str(failed))
            return
        contents = [side for side in sides if isinstance(side, bytes)]
        if len(contents) < len(sides):
            self._say("Its contents are no longer kept.")
        elif not change.is_text or max(map(len, contents)) > MAX_SHOWN_BYTES:
            self._say(_size_words(change, *map(len, contents)))
        else:
            texts = [data.decode("utf-8", "replace") for data in contents]
            before = texts[0] if change.before else None
            after = texts[1] if change.after else None
            self._put(self._make_diff(self._theme, change.path, before, after))

    def _say(self, words: str) -> None:
        label = make_label(words, "muted", wrap=True)
        label.setObjectName("change_words")
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._put(label)

    def _put(self, body: QWidget) -> None:
        if self._body is not None:
            self._layout.removeWidget(self._body)
            discard(self._body)
        self._body = body
        self._layout.addWidget(body, 1)


def _size_words(change: ShownChange, before: int, after: int) -> str:
    what = "Too long to be shown here" if change.is_text else "Not text"
    if change.before is None:
        return f"{what}: {after:,} bytes."
    if change.after is None:
        return f"{what}: there were {before:,} bytes."
    return f"{what}: {before:,} bytes before, {after:,} bytes now."
