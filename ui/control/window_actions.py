"""What can be done with conversations and models, as actions for menus, shortcuts and the palette."""

from __future__ import annotations

from collections.abc import Callable

from app.chat.session import ChatSession
from ui.control.chat_control import ChatControl
from ui.control.model_control import ModelControl
from ui.control.models_control import ModelsControl
from ui.sidebar.conversation_sidebar import ConversationSidebar
from ui.widgets.actions import Action, ActionTable


def add_models_action(table: ActionTable, models: ModelsControl) -> None:
    """Add what opens the model dialog."""
    table.add(Action("model.choose", "Choose a model\u2026", "model", "Ctrl+Shift+M", models.open, "Model"))


def add_actions(
    table: ActionTable,
    chat: ChatControl,
    model: ModelControl,
    show_sidebar: Callable[[], ConversationSidebar],
    session: ChatSession,
) -> None:
    """Add them to the window's table; ``show_sidebar`` brings the list of conversations on the screen."""

    def search() -> None:
        show_sidebar().focus_search()

    table.add(
        Action("chat.new", "New conversation", "new_chat", "Ctrl+N", chat.new_conversation, "File"),
        Action("chat.search", "Search conversations", "search", "Ctrl+Alt+F", search, "File"),
        Action("chat.rename", "Rename conversation", "rename", "F2", lambda: show_sidebar().rename_current(), "Edit"),
        Action("chat.edit_last", "Edit last message", "edit", "Ctrl+Up", chat.edit_last, "Edit"),
        Action("chat.regenerate", "Regenerate last reply", "regenerate", "Ctrl+R", chat.regenerate_last, "Edit"),
        Action(
            "chat.earlier", "Earlier version", "previous", "Alt+Left", lambda: chat.select_sibling_of_last(-1), "Edit"
        ),
        Action("chat.later", "Later version", "next", "Alt+Right", lambda: chat.select_sibling_of_last(1), "Edit"),
        Action("chat.stop", "Stop the reply", "stop", "Esc, Ctrl+.", session.stop, "Edit"),
        Action("chat.composer", "Write a message", "message-square", "Ctrl+J", chat.focus_composer, "Edit"),
        Action("chat.latest", "Jump to latest", "jump_to_latest", "Ctrl+End", chat.jump_to_latest, "View"),
        Action("model.open", "Open a GGUF file …", "folder-open", "Ctrl+O", model.choose_file, "Model"),
        Action("model.menu", "Choose a model", "model", "Ctrl+M", model.open_menu, "Model"),
        Action("model.starter", "Load the starter model", "model", "", model.load_starter, "Model"),
        Action("model.settings", "Load settings …", "sampling", "Ctrl+Shift+L", model.show_load_settings, "Model"),
        Action("model.reload", "Load the model again", "regenerate", "", model.load_again, "Model"),
        Action("model.unload", "Unload the model", "power", "", model.unload, "Model"),
    )

    def enable_stop() -> None:  # else it would keep Escape from everything else in the window
        table.set_enabled(["chat.stop"], chat.is_busy)

    chat.generation_changed.connect(enable_stop)
    enable_stop()
