"""The one table of what can be done in the window: menus, shortcuts and the command palette all read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from ui.theme import Theme

Section = Literal["File", "Edit", "View", "Model", "Tools", "Help"]
SECTIONS: tuple[Section, ...] = ("File", "Edit", "View", "Model", "Tools", "Help")


@dataclass(frozen=True)
class Action:
    """One thing that can be done.

    Attributes:
        id: Stable, dotted, such as "chat.new".
        text: What it does, as in a menu.
        icon: Name of its icon, empty for none.
        shortcut: Keys in Qt's portable form, such as "Ctrl+N"; several parted by a comma and a space; empty
            for none.
        callback: Called without arguments; with the new state (a bool) if the action is checkable.
        section: The menu it is in.
        is_checkable: Whether it is on or off.
        group: Checkable actions of the same group exclude each other.
    """

    id: str
    text: str
    icon: str
    shortcut: str
    callback: Callable[..., object]
    section: Section
    is_checkable: bool = False
    group: str = ""

    @property
    def kind(self) -> str:
        """What its id begins with: actions of one kind stand together in a menu."""
        return self.id.partition(".")[0]


class ActionTable(QObject):
    """Makes QActions of Actions and adds them to the window, so that their shortcuts work everywhere in it.

    Signals:
        changed(): Actions were added.
    """

    changed = Signal()

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._actions: dict[str, Action] = {}
        self._qactions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}

    def add(self, *actions: Action) -> None:
        """Add actions.

        Raises:
            ValueError: The id or a shortcut is taken.
        """
        for action in actions:
            self._check(action)
            self._actions[action.id] = action
            self._qactions[action.id] = self._make(action)
        self.changed.emit()

    def __getitem__(self, action_id: str) -> QAction:
        """Return Qt's action of an id."""
        return self._qactions[action_id]

    def __contains__(self, action_id: str) -> bool:
        """Say whether there is such an action."""
        return action_id in self._actions

    def all(self) -> list[Action]:
        """Return every action, by section, in the order in which they were added."""
        return [action for section in SECTIONS for action in self.of(section)]

    def of(self, section: Section) -> list[Action]:
        """Return the actions of a menu."""
        return [action for action in self._actions.values() if action.section == section]

    def run(self, action_id: str) -> None:
        """Do it, as if it had been chosen from its menu."""
        self._qactions[action_id].trigger()

    def is_enabled(self, action_id: str) -> bool:
        """Say whether it can be done now."""
        return self._qactions[action_id].isEnabled()

    def set_enabled(self, ids: Iterable[str], enabled: bool) -> None:
        """Say of several actions whether they can be done now."""
        for action_id in ids:
            self._qactions[action_id].setEnabled(enabled)

    def keep_keys_in(self, action_id: str, widget: QWidget) -> None:
        """Have an action's keys work only while the keyboard is in a widget; in menus it works as before."""
        action = self._qactions[action_id]
        self._window.removeAction(action)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        widget.addAction(action)

    def shortcut_text(self, action_id: str) -> str:
        """Return an action's first keys as this system writes them, or an empty text."""
        return self._qactions[action_id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def _check(self, action: Action) -> None:
        if action.id in self._actions:
            raise ValueError(f"there is an action {action.id!r} already")
        taken = {keys: other.id for other in self._actions.values() for keys in _keys(other)}
        for keys in _keys(action):
            if keys in taken:
                raise ValueError(f"{action.id!r} wants {keys}, which {taken[keys]!r} has")

    def _make(self, action: Action) -> QAction:
        made = QAction(action.text, self)
        made.setObjectName("action_" + action.id.replace(".", "_"))
        made.setShortcuts([QKeySequence(keys) for keys in _keys(action)])
        made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        made.setMenuRole(QAction.MenuRole.NoRole)
        if action.is_checkable:
            made.setCheckable(True)
            made.triggered.connect(action.callback)
        else:
            made.triggered.connect(lambda _checked=False: action.callback())
        if action.group:
            self._groups.setdefault(action.group, QActionGroup(self)).addAction(made)
        self._window.addAction(made)
        return made

    def draw_icons(self, ids: Iterable[str]) -> None:
        """Give actions their icons in today's colours; for a menu that is about to be shown."""
        for action_id in ids:
            if icon := self._actions[action_id].icon:
                self._qactions[action_id].setIcon(self._theme.icon(icon))


def _keys(action: Action) -> list[str]:
    return [keys for keys in action.shortcut.split(", ") if keys]
