"""A block of prose in the transcript: selectable, as tall as its text, never fetching anything."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from ui.chat.markdown import document_css, is_safe_link, plain_addition, to_html
from ui.theme import Theme


class TextBlock(QTextBrowser):
    """Shows Markdown, or plain text for what a person typed.

    Signals:
        link_activated(str): A link that may be opened was clicked.
    """

    link_activated = Signal(str)

    def __init__(self, theme: Theme, *, is_markdown: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_markdown = is_markdown
        self._text = ""
        self._height = 0
        self._laid_out_for = (-1, -1)
        self._revision = 0
        self._is_patched = False  # words were added to it that the Markdown parser has not seen
        self.setObjectName("prose")
        self.setAccessibleName("Text")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setProperty("role", "prose")
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.document().setIndentWidth(theme.space(5))
        self.setFont(theme.font("body"))
        self.document().setDefaultFont(theme.font("body"))
        self.document().setDefaultStyleSheet(document_css(theme))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.anchorClicked.connect(self._on_anchor_clicked)

    def show_text(self, text: str, *, is_growing: bool = False) -> None:
        """Show ``text``; nothing happens when it is shown already.

        While it ``is_growing``, plain words at its end are added to what is there: that costs the same
        however long the paragraph has become. Show it once more without, when it has grown.
        """
        if text == self._text and (is_growing or not self._is_patched):
            return
        added = plain_addition(self._text, text) if is_growing and self._is_markdown else None
        last_word = self._text.split()[-1] if added is not None else ""
        self._text = text
        self._revision += 1
        self._is_patched = added is not None and self._append(added, last_word)
        if self._is_patched:
            return
        if self._is_markdown:
            self.setHtml(to_html(text))
        else:
            self.setPlainText(text)

    def _append(self, words: str, last_word: str) -> bool:
        """Write words after the last one; False where that is not the document's end, as in a table."""
        document = self.document()
        if not document.lastBlock().text().endswith(last_word):
            return False
        cursor = QTextCursor(document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(words)
        return True

    @property
    def markdown(self) -> str:
        """The text as it was given."""
        return self._text

    def layout_to(self, width: int) -> int:
        """Lay the text out to ``width`` pixels and return its height."""
        self.ensurePolished()
        wanted = (width, self._revision)
        if wanted != self._laid_out_for:
            self._laid_out_for = wanted
            # The browser lays its document out to its own width whenever the document grows: that comes first.
            self.resize(width, max(1, self._height))
            self.document().setTextWidth(width)
            height = self.document().size().height()
            # Rich text keeps the space below its last paragraph; the gap between blocks is the turn's to set.
            last = self.document().lastBlock().blockFormat().bottomMargin() if self._is_markdown else 0
            self._height = max(1, round(height - last))
        return self._height

    def _on_anchor_clicked(self, url: QUrl) -> None:
        if is_safe_link(url.toString()):
            self.link_activated.emit(url.toString())

    # --- Qt ---------------------------------------------------------------------------------------------

    def loadResource(self, _kind: int, _name: QUrl | str) -> None:
        """Load nothing, whatever the text names."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)
