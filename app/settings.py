"""What Sawhorse remembers between starts, in one JSON file that a person can read and mend."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from app.agent.trace import RunLimits
from app.conversations.parts import ReferencePart
from app.engine.messages import LoadSettings
from app.errors import AppError

VERSION = 1
MAX_RECENT = 10
Permission = Literal["ask", "allow", "deny"]
ThemeMode = Literal["system", "light", "dark", "high-contrast"]


class RecentModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model that was loaded before, with the settings it was loaded with."""

    path: str
    settings: LoadSettings = LoadSettings()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting has a default; the file holds only what was ever saved.

    Attributes:
        text_scale: 1.0 is the design's size of text.
        code_size: Size of code in pixels; 0 is the design's.
        window: Geometry and state of the main window, as it gave them.
        recent_models: Latest first.
        load: Load settings for models that were never loaded before.
        sampling: The user's own sampling values for new conversations, by field name.
        system_prompt: For new conversations; ``overflow`` too.
        new_draft: What was typed for a conversation that does not exist yet.
        last_conversation: The one on show when the window was closed; None for an empty new one.
        model_dialog: Geometry of the model dialog, as it gave it.
        model_folders: Folders of the user's own that models are looked for in.
        download_folder: Where models are downloaded to; empty for Sawhorse's own folder.
        download_limit: Most bytes per second of all downloads together; 0 for no limit.
        download_connections: Connections of a download.
        recent_repositories: Repositories that were opened, latest first.
        wishes: What was chosen by hand of a model's load settings, by its path; the rest is automatic.
        recent_workspaces: Folders tools were given, latest first.
        tool_policies: "ask", "allow" or "deny" by tool, by folder (its resolved path); "" is for every folder.
        tools_off: Tools that are not offered to models.
        run_limits: When an agent's run stops to ask.
        tool_seconds: A tool is ended after so long.
        recent_folders: Folders that were open in the file tree, latest first; the first was open last.
        open_files: Files that were open in the editor, with how they stood, as it gave them.
        editor_wraps: Long lines of the editor are wrapped.
        editor_shows_spaces: The editor shows white space.
        infill: The editor proposes text at the cursor after a pause.
        infill_pause: That pause, in seconds.
        shows_ignored: The file tree shows what ignore rules leave out.
        new_draft_references: What ``new_draft`` points at.
        backend: The GPU backend that engines load, of those in the data folder; empty for the processor alone.
    """

    version: int = VERSION
    theme: ThemeMode = "system"
    text_scale: float = 1.0
    code_size: int = 0
    reduce_motion: bool = False
    window: dict[str, Any] = {}
    recent_models: tuple[RecentModel, ...] = ()
    load: LoadSettings = LoadSettings()
    sampling: dict[str, Any] = {}
    preset: str = ""
    show_all_samplers: bool = False
    system_prompt: str = ""
    overflow: Literal["stop", "drop_oldest", "summarise"] = "stop"
    new_draft: str = ""
    last_conversation: int | None = None
    model_dialog: str = ""
    model_folders: tuple[str, ...] = ()
    download_folder: str = ""
    download_limit: int = 0
    download_connections: int = 4
    recent_repositories: tuple[str, ...] = ()
    wishes: dict[str, dict[str, Any]] = {}
    recent_workspaces: tuple[str, ...] = ()
    tool_policies: dict[str, dict[str, Permission]] = {}
    tools_off: tuple[str, ...] = ()
    run_limits: RunLimits = RunLimits()
    tool_seconds: float = 120.0
    recent_folders: tuple[str, ...] = ()
    open_files: dict[str, Any] = {}
    editor_wraps: bool = False
    editor_shows_spaces: bool = False
    infill: bool = False
    infill_pause: float = 0.4
    shows_ignored: bool = False
    new_draft_references: tuple[ReferencePart, ...] = ()
    diff_side_by_side: bool = True
    backend: str = ""

    def with_recent(self, path: str, settings: LoadSettings) -> Settings:
        """Return the settings with this model as the latest."""
        others = tuple(model for model in self.recent_models if model.path != path)
        recent = (RecentModel(path=path, settings=settings), *others)[:MAX_RECENT]
        return msgspec.structs.replace(self, recent_models=recent)

    def with_repository(self, repository: str) -> Settings:
        """Return the settings with this repository as the latest."""
        others = tuple(other for other in self.recent_repositories if other != repository)
        return msgspec.structs.replace(self, recent_repositories=(repository, *others)[:MAX_RECENT])

    def with_workspace(self, folder: str) -> Settings:
        """Return the settings with this folder as the latest."""
        others = tuple(other for other in self.recent_workspaces if other != folder)
        return msgspec.structs.replace(self, recent_workspaces=(folder, *others)[:MAX_RECENT])

    def with_folder(self, folder: str) -> Settings:
        """Return the settings with this folder as the latest of the file tree."""
        others = tuple(other for other in self.recent_folders if other != folder)
        return msgspec.structs.replace(self, recent_folders=(folder, *others)[:MAX_RECENT])

    def load_settings_for(self, path: str) -> LoadSettings:
        """Return what a model was last loaded with, or the default."""
        return next((model.settings for model in self.recent_models if model.path == path), self.load)


class SettingsFile:
    """Reads and writes the settings; ``notices`` says what could not be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unknown: dict[str, Any] = {}
        self.notices: list[AppError] = []
        self.settings = self._read()

    def change(self, **fields: Any) -> Settings:
        """Set fields, write the file and return the settings now in force.

        Raises:
            AppError: The file cannot be written; the settings are in force until the end of the program.
        """
        return self.replace(msgspec.structs.replace(self.settings, **fields))

    def replace(self, settings: Settings) -> Settings:
        """Put other settings in force and write them. Raises as ``change``."""
        if settings != self.settings:
            self.settings = settings
            self._write()
        return self.settings

    def _read(self) -> Settings:
        try:
            raw = msgspec.json.decode(self._path.read_bytes())
        except FileNotFoundError:
            return Settings()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._set_aside(str(error))
            return Settings()
        if not isinstance(raw, dict):
            self._set_aside("it does not hold an object")
            return Settings()
        known = set(Settings.__struct_fields__)
        self._unknown = {name: value for name, value in raw.items() if name not in known}
        return self._convert({name: value for name, value in raw.items() if name in known})

    def _convert(self, raw: Mapping[str, Any]) -> Settings:
        """Take each field by itself, so that a slip in one does not cost the others."""
        settings = Settings()
        for name, value in raw.items():
            try:
                settings = msgspec.convert({**msgspec.to_builtins(settings), name: value}, Settings)
            except msgspec.ValidationError as error:
                self.notices.append(
                    AppError(f"The setting “{name}” was not understood", f"{error}.", "Its default is used.")
                )
        return settings

    def _set_aside(self, reason: str) -> None:
        aside = self._path.with_name(self._path.name + ".bad")
        with contextlib.suppress(OSError):
            self._path.replace(aside)
        message = f"{self._path.name} is damaged ({reason}) and was kept as {aside.name}."
        self.notices.append(AppError("The settings could not be read", message, "Sawhorse starts with its defaults."))

    def _write(self) -> None:
        data = msgspec.json.format(
            msgspec.json.encode({**self._unknown, **msgspec.to_builtins(self.settings)}), indent=2
        )
        try:
            write_atomically(self._path, data)
        except OSError as error:
            raise AppError(
                "The settings could not be saved",
                f"{self._path}: {error.strerror or error}.",
                "They stay in force until Sawhorse is closed.",
            ) from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is either the old or the new one, readable by its owner alone.

    Raises:
        OSError: It could not be written; the old file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
