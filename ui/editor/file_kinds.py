"""What a file's name says about it: its icon, and the words that tell it from others of that name. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

_ICONS: Mapping[str, str] = {
    **dict.fromkeys(("py", "pyi", "js", "ts", "jsx", "tsx", "c", "h", "cpp", "hpp", "rs", "go"), "file-code"),
    **dict.fromkeys(("java", "rb", "kt", "lua", "swift", "cs", "qml", "php", "vue", "dart"), "file-code"),
    **dict.fromkeys(("html", "htm", "xml", "css", "scss", "svg"), "file-code"),
    **dict.fromkeys(("json", "jsonl", "json5", "ipynb"), "braces"),
    **dict.fromkeys(("toml", "yaml", "yml", "ini", "cfg", "conf", "env", "lock", "qss"), "settings"),
    **dict.fromkeys(("sh", "bash", "zsh", "fish", "ps1", "bat", "cmd"), "terminal"),
    **dict.fromkeys(("md", "rst", "txt", "log", "tex"), "file-text"),
    **dict.fromkeys(("csv", "tsv", "sql"), "table"),
}


def icon_of(name: str) -> str:
    """Return the icon of a file of that name."""
    return _ICONS.get(PurePath(name).suffix.lstrip(".").lower(), "file")


def hints_of(paths: Sequence[str]) -> list[str]:
    """Return for each path the least of its folders that tells it from others of the same name; mostly nothing."""
    parts = [PurePath(path).parts for path in paths]
    hints = []
    for own in parts:
        rivals = [other for other in parts if own and other and other[-1] == own[-1] and other != own]
        hints.append(_hint(own, rivals))
    return hints


def _hint(own: tuple[str, ...], rivals: Sequence[tuple[str, ...]]) -> str:
    if not rivals:
        return ""
    for length in range(2, len(own) + 1):
        if all(other[-length:] != own[-length:] for other in rivals):
            return "/".join(own[-length:-1])
    return "/".join(own[:-1])
