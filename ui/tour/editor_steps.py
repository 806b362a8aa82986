"""The tour's steps with files: open, edit, ask about, take code from a reply, run it. The reply is the tour's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit

from app.conversations.parts import TextPart
from ui.editor.code_editor import CodeEditor
from ui.theme.theme import Mode
from ui.tour.script import Step

if TYPE_CHECKING:
    from ui.tour.scenario import Stage

_FILES = {
    "README.md": "# Shop\n\nPrices of a small shop.\n",
    "shop/__init__.py": "",
    "shop/pricing.py": (
        '"""What things cost."""\n\nVAT = 0.19\n\n\ndef gross(net):\n    """Return a price with tax."""\n'
        "    return net * (1 + VAT)\n\n\ndef total(prices):\n    result = 0\n    for price in prices:\n"
        "        result += gross(price)\n    return result\n"
    ),
    "tests/test_pricing.py": "from shop.pricing import total\n\n\ndef test_an_empty_cart_costs_nothing():\n"
    "    assert total([]) == 0\n",
}
_ASKED = "Round prices to cents, and make the sum shorter."
_AUTHOR = "The tour"
#: What a model would write; the file it names is changed as after any reply.
_REPLY = '''In `shop/pricing.py`:

```python
def gross(net):
    """Return a price with tax, in whole cents."""
    return round(net * (1 + VAT), 2)


def total(prices):
    """Return what all of them cost together."""
    return sum(gross(price) for price in prices)
```

To try the rounding:

```python
for net in (1, 9.99, 250):
    print(f"{net:>8} {round(net * 1.19, 2):>8}")
```
'''
_TYPED = "# Prices are net, without tax.\n"
_OUTSIDE = "DISCOUNT = 0.1\n"


class Shop:
    """A small project that is open in the window."""

    def __init__(self, stage: Stage, place: Path) -> None:
        self._stage = stage
        self._folder = place / "shop-project"
        self._file = self._folder / "shop" / "pricing.py"
        self._before: int | None = None

    # --- steps ------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Make the project and open its folder."""
        for name, text in _FILES.items():
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        files = self._stage.window.editor.files
        files.show_folder(str(self._folder))
        files.show_files()

    def go_to_file(self) -> None:
        """Type a few letters of a file's name."""
        self._stage.window.window.action_table.run("files.go")
        self._field("quick_open_field").setText("pric")

    def choose(self) -> None:
        """Open what was found."""
        QTest.keyClick(self._field("quick_open_field"), Qt.Key.Key_Return)

    def type(self) -> None:
        """Write a line."""
        editor = self.editor
        editor.go_to(3)
        QTest.keyClicks(editor, _TYPED.removesuffix("\n"))
        QTest.keyClick(editor, Qt.Key.Key_Return)

    def change_outside(self) -> None:
        """Change the file as another program would."""
        self._file.write_text(self._file.read_text("utf-8").replace("VAT = 0.19\n", f"VAT = 0.19\n{_OUTSIDE}"), "utf-8")

    def ask(self) -> None:
        """Ask about the first function."""
        editor = self.editor
        begin = editor.text().index("def gross")
        cursor = editor.textCursor()
        cursor.setPosition(begin)
        cursor.setPosition(editor.text().index("def total") - 2, QTextCursor.MoveMode.KeepAnchor)
        editor.setTextCursor(cursor)
        self._stage.window.window.action_table.run("ask.selection")

    def reply(self) -> None:
        """Show a reply with code for the file."""
        window = self._stage.window
        self._stage.click("reference_remove")
        conversation = window.session.conversation
        self._before = conversation.id if conversation else None
        made = window.store.create("Prices")
        asked = window.store.add_turn(made.id, None, "user", (TextPart(text=_ASKED),), "complete")
        turn = window.store.add_turn(made.id, asked.id, "assistant", (), "streaming", model=_AUTHOR)
        window.store.finish_turn(turn.id, (TextPart(text=_REPLY),), "complete")
        window.chat.show(made.id)

    def apply(self) -> None:
        """Ask for the change that the first block of the reply is."""
        buttons = [button for button in self._stage.find_all("apply_code_button") if button.isVisible()]
        QTest.mouseClick(min(buttons, key=lambda button: button.mapToGlobal(QPoint()).y()), Qt.MouseButton.LeftButton)

    def run_block(self) -> None:
        """Run the last block of the reply."""
        self._stage.click("run_code_button")

    def search(self) -> None:
        """Search in all files."""
        self._stage.window.window.action_table.run("files.search")
        field = self._field("search_files_field")
        field.setText("total")
        QTest.keyClick(field, Qt.Key.Key_Return)

    def leave(self) -> None:
        """Save, close the panels and show the conversation from before."""
        window = self._stage.window
        table = window.window.action_table
        table.run("editor.save")
        for panel in ("editor", "output"):
            window.window.show_panel(panel, is_open=False)
        window.pages.show_page("chats")
        window.chat.show(self._before)

    # --- what there is ----------------------------------------------------------------------------------

    @property
    def editor(self) -> CodeEditor:
        """The text on show."""
        editor = self._stage.window.editor.desk.current_editor
        if editor is None:
            raise LookupError("no file is on show")
        return editor

    def has_rows(self, name: str) -> bool:
        """Return whether a list or tree shows something."""
        view = self._stage.find(name)
        return isinstance(view, QAbstractItemView) and view.isVisible() and view.model().rowCount() > 0

    def says(self, text: str) -> bool:
        """Return whether the file on show has a text."""
        editor = self._stage.window.editor.desk.current_editor
        return editor is not None and text in editor.text()

    @property
    def is_saved(self) -> bool:
        """What is on show is in the file."""
        return not self.editor.document().isModified() and self._file.read_text("utf-8") == self.editor.text()

    @property
    def has_run(self) -> bool:
        """The block's output is there."""
        state = self._stage.find("output_state")
        return isinstance(state, QLabel) and state.text().startswith("Finished")

    def _field(self, name: str) -> QLineEdit:
        field = self._stage.find(name)
        assert isinstance(field, QLineEdit)  # noqa: S101 - the window's own
        return field


def editor_steps(stage: Stage, place: Path) -> list[Step]:
    """Return the steps; the project is a folder in ``place``."""
    shop = Shop(stage, place)
    table = stage.window.window.action_table

    def set_mode(mode: Mode) -> Callable[[], None]:
        return lambda: stage.set_mode(mode)

    return [
        Step("files", "the files of a folder", shop.open, lambda: shop.has_rows("file_tree_view")),
        Step("go to file", "a file by a few letters", shop.go_to_file, lambda: shop.has_rows("quick_open_list")),
        Step("file opened", "its text beside the chat", shop.choose, lambda: shop.says("def gross")),
        Step("text typed", "a line more, not saved", shop.type, lambda: shop.says(_TYPED)),
        Step("file saved", "saved", lambda: table.run("editor.save"), lambda: shop.is_saved, picture=False),
        Step("changed outside", "what another program wrote", shop.change_outside, lambda: shop.says(_OUTSIDE)),
        Step("asked about", "lines that a message points at", shop.ask, lambda: stage.has("reference_chip")),
        Step("code in a reply", "code for the file", shop.reply, lambda: stage.has("apply_code_button")),
        Step("change shown", "the change as a diff", shop.apply, lambda: _can_take(stage)),
        Step("change taken", "the change in the editor", lambda: stage.click("diff_accept_button"),
             lambda: shop.says("in whole cents")),
        Step("block run", "its output in a panel", shop.run_block, lambda: shop.has_run, 60),
        Step("searched", "every place in the files", shop.search, lambda: shop.has_rows("search_results")),
        Step("editor in the dark", "the same, dark", set_mode("dark"), lambda: stage.window.theme.is_dark),
        Step("editor in the light", "light", set_mode("light"), lambda: not stage.window.theme.is_dark, picture=False),
        Step("editor left", "the conversation from before", shop.leave, lambda: shop.is_saved, picture=False),
    ]  # fmt: skip


def _can_take(stage: Stage) -> bool:
    return stage.has("diff_accept_button") and stage.find("diff_accept_button").isEnabled()
