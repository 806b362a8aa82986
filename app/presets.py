"""Sampling presets: named sets of values, some that ship and those a person saves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from app.engine.sampling import SPEC_BY_NAME, resolve
from app.errors import AppError
from app.settings import write_atomically

#: "Model default" sets nothing: the card's and the engine's values are in force.
BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    "Model default": {},
    "Precise": {"temperature": 0.2, "top_p": 0.9, "min_p": 0.05},
    "Balanced": {"temperature": 0.7, "top_p": 0.95, "min_p": 0.02},
    "Creative": {"temperature": 1.1, "top_p": 0.98, "min_p": 0.02, "top_k": 0},
    "Deterministic": {"temperature": 0.0, "seed": 42},
}


class Presets:
    """The presets in one JSON file; a damaged one is kept aside and said in ``notices``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.notices: list[AppError] = []
        self._own = self._read()

    @property
    def names(self) -> list[str]:
        """The names, those that ship first, a person's own in order."""
        return [*BUILT_IN, *sorted(self._own, key=str.casefold)]

    def is_built_in(self, name: str) -> bool:
        """Tell whether a preset ships with Sawhorse and cannot be changed."""
        return name in BUILT_IN

    def values(self, name: str) -> dict[str, Any]:
        """Return a preset's values by field name.

        Raises:
            KeyError: There is none of that name.
        """
        return dict(BUILT_IN[name] if name in BUILT_IN else self._own[name])

    def name_of(self, values: Mapping[str, Any]) -> str:
        """Return the preset that has exactly these values; empty for none."""
        wanted = _as_in_a_file(values)
        return next((name for name in self.names if _as_in_a_file(self.values(name)) == wanted), "")

    def save(self, name: str, values: Mapping[str, Any]) -> None:
        """Keep values under a name, in place of what it had.

        Raises:
            AppError: The name is empty or a built-in's, or the file cannot be written.
        """
        name = name.strip()
        if not name or name in BUILT_IN:
            raise AppError(
                "This preset cannot be saved", "Its name is empty or one that ships.", "Choose another name."
            )
        self._own[name] = dict(values)
        self._write()

    def delete(self, name: str) -> None:
        """Forget a preset of the person's own. Raises as ``save``."""
        self._own.pop(name, None)
        self._write()

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            raw = msgspec.json.decode(self._path.read_bytes(), type=dict[str, dict[str, Any]])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            aside = self._path.with_name(self._path.name + ".bad")
            self._path.replace(aside)
            message = f"{self._path.name} is damaged ({error}) and was kept as {aside.name}."
            self.notices.append(AppError("The presets could not be read", message))
            return {}
        return {name: _understood(values) for name, values in raw.items()}

    def _write(self) -> None:
        try:
            write_atomically(self._path, msgspec.json.format(msgspec.json.encode(self._own), indent=2))
        except OSError as error:
            raise AppError("The presets could not be saved", f"{self._path}: {error.strerror or error}.") from error


def _as_in_a_file(values: Mapping[str, Any]) -> Any:
    """Return the values as JSON has them: what was read again has lists where there were tuples."""
    return msgspec.json.decode(msgspec.json.encode(values))


def _understood(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values whose field exists and whose type is right."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        try:
            resolve({}, {name: value})
        except msgspec.ValidationError:
            continue
        if name in SPEC_BY_NAME:
            kept[name] = value
    return kept
