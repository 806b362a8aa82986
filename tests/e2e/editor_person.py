"""A person at work in the editor: what they do, by keys and by the names of widgets, and what they see."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton


class Writer:
    """In front of the same window as a ``Person``."""

    def __init__(self, person):
        self.person, self.wait = person, person.wait
        self.sawhorse = person.sawhorse
        self.control = person.sawhorse.editor.desk.control
        self.files = person.sawhorse.editor.files

    @property
    def page(self):
        return self.control.tabs.current

    @property
    def text(self):
        return self.page.editor.text()

    @property
    def titles(self):
        return [page.title for page in self.control.tabs.pages]

    @property
    def focus(self):
        """The name of what has the keyboard."""
        widget = self.sawhorse.window.focusWidget()  # also while the window itself is not the active one
        return widget.objectName() if widget is not None else ""

    def is_open(self, key="editor"):
        """Tell whether a panel is open."""
        return not self.sawhorse.window.panels[key].isHidden()

    def run(self, action):
        self.sawhorse.window.action_table.run(action)

    def press(self, key, modifiers=Qt.KeyboardModifier.NoModifier, name="code_editor"):
        self.sawhorse.window.activateWindow()  # off the screen a dock that comes up takes that from it
        self.wait(self.sawhorse.window.isActiveWindow)
        self.person.qtbot.keyClick(self.person.shown(name)[-1], key, modifiers)

    def type(self, text):
        self.person.qtbot.keyClicks(self.page.editor, text)

    def go_to(self, letters, title):
        """Open a file by some letters of its name."""
        self.run("files.go")
        self.person.qtbot.keyClicks(self.person.shown("quick_open_field", QLineEdit)[-1], letters)
        listed = self.person.widget("quick_open_list").model()
        self.wait(lambda: title in str(listed.index(0, 0).data()))
        self.press(Qt.Key.Key_Return, name="quick_open_field")
        self.wait(lambda: self.page is not None and self.page.title == title and self.page.file is not None)

    def click_banner(self, name):
        self.wait(lambda: self.page.banners.findChild(QPushButton, name) is not None)
        self.page.banners.findChild(QPushButton, name).click()
