"""What stands behind the fence of a code block: its language, and sometimes the file it is meant for. Pure.

Models write ``python``, ``python src/app.py``, ``python:src/app.py``, ``src/app.py``, ``12:30:src/app.py``,
``python title="src/app.py"`` and ``rust,no_run``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


def words(text: str) -> frozenset[str]:
    """Return the words of a table that is written as text."""
    return frozenset(text.split())


#: File name extensions by which a word is taken for a file, with the languages a block of such a file is in.
LANGUAGES: dict[str, tuple[str, ...]] = {
    "py": ("python", "py", "python3"), "pyi": ("python", "py"), "js": ("javascript", "js", "jsx", "node"),
    "mjs": ("javascript", "js"), "cjs": ("javascript", "js"), "jsx": ("jsx", "javascript", "js"),
    "ts": ("typescript", "ts", "tsx"), "tsx": ("tsx", "typescript", "ts"), "java": ("java",), "kt": ("kotlin",),
    "c": ("c", "cpp"), "h": ("c", "cpp", "c++"), "cc": ("cpp", "c++"), "cpp": ("cpp", "c++"), "hpp": ("cpp", "c++"),
    "cs": ("csharp", "cs", "c#"), "go": ("go", "golang"), "rs": ("rust", "rs"), "rb": ("ruby", "rb"),
    "php": ("php",), "swift": ("swift",), "lua": ("lua",), "r": ("r",), "pl": ("perl",), "sql": ("sql",),
    "sh": ("bash", "sh", "shell", "zsh"), "bash": ("bash", "sh", "shell"), "ps1": ("powershell",),
    "bat": ("bat", "batch", "cmd"), "html": ("html", "htm", "jinja", "django"), "htm": ("html",), "css": ("css",),
    "scss": ("scss", "sass"), "vue": ("vue", "html"), "svelte": ("svelte", "html"), "xml": ("xml",),
    "json": ("json", "jsonc", "json5"), "yaml": ("yaml", "yml"), "yml": ("yaml", "yml"), "toml": ("toml",),
    "ini": ("ini", "cfg"), "cfg": ("ini", "cfg"), "conf": ("conf", "ini", "nginx"), "md": ("markdown", "md"),
    "rst": ("rst", "restructuredtext"), "txt": ("text", "txt", "plaintext", ""), "csv": ("csv",),
    "gradle": ("gradle", "groovy"), "dart": ("dart",), "scala": ("scala",), "ex": ("elixir",), "exs": ("elixir",),
    "zig": ("zig",), "nim": ("nim",), "tf": ("hcl", "terraform"), "proto": ("proto", "protobuf"), "env": ("env",),
    "graphql": ("graphql",), "cmake": ("cmake",), "mk": ("make", "makefile"), "lock": (), "svg": ("svg", "xml"),
    "ipynb": ("json",), "j2": ("jinja",), "hs": ("haskell",), "ml": ("ocaml",), "clj": ("clojure",), "vim": ("vim",),
}  # fmt: skip
#: Files without an extension.
NAMES = words(
    "Makefile Dockerfile Containerfile Jenkinsfile Procfile Gemfile Rakefile Vagrantfile LICENSE README CMakeLists.txt "
    ".gitignore .dockerignore .env .editorconfig .gitattributes .prettierrc .eslintrc .npmrc .bashrc .flake8"
)
#: Names of things that look like files.
_NO_FILES = words("node.js vue.js next.js express.js react.js three.js d3.js nuxt.js vb.net asp.net")
_WORD = re.compile(r"(?:[A-Za-z]:)?[\w@+~()\[\]$ .\\/-]*[\w)\]-]")
_ATTRIBUTE = re.compile(
    r"""\b(?:title|file_?name|file|path|name)\s*[=:]\s*(?:"([^"]+)"|'([^']+)'|([^\s"'{},]+))""", re.IGNORECASE
)
#: The rest of an info string is not looked at.
_MOST_CHARACTERS = 300
_LINES = re.compile(r"\d+(?::|-)\d+:(?=.)")


@dataclass(frozen=True)
class FenceInfo:
    """A fence's words.

    Attributes:
        language: As a lexer is called; empty for none.
        path: The file it names; empty for none.
    """

    language: str = ""
    path: str = ""


def read_info(info: str) -> FenceInfo:
    """Return what an info string says."""
    info = info[:_MOST_CHARACTERS].strip()
    named = _ATTRIBUTE.search(info)
    path = next((group for group in named.groups() if group), "") if named else ""
    words = (info[: named.start()] if named else info).replace("{", " ").replace("}", " ").split()
    first = words[0].lstrip(".") if words and words[0] not in NAMES else words[0] if words else ""
    first = _LINES.sub("", first, count=1)
    language, _, after = first.partition(":")
    if len(language) == 1 and after.startswith(("\\", "/")):  # a drive of Windows
        language, after = "", first
    if looks_like_path(after):
        return FenceInfo(language, path or after)
    if looks_like_path(first) and first.lower() not in _NO_FILES:
        return FenceInfo(_language_of(first), path or first)
    others = (word.strip("()`'\"") for word in words[1:] if word not in {"#", "//"})
    path = path or next((word for word in others if looks_like_path(word)), "")
    return FenceInfo(first.split(",")[0].rstrip(":"), path if looks_like_path(path) else "")


def looks_like_path(word: str) -> bool:
    """Tell whether a word is the name or path of a file: by its extension, or a name that needs none."""
    if not word or "://" in word or not _WORD.fullmatch(word) or word.lower() in _NO_FILES:
        return False
    name = re.split(r"[\\/]", word)[-1]
    stem, dot, extension = name.rpartition(".")
    return name in NAMES or bool(dot and stem and extension.lower() in LANGUAGES)


def fits(path: str, language: str) -> bool:
    """Tell whether a block in ``language`` may be (a part of) a file; a diff may be one of any."""
    language = language.lower()
    extension = path.rpartition(".")[2].lower()
    known = LANGUAGES.get(extension)
    if language in {"diff", "patch"} or known is None:
        return True
    return language in known or not any(language in languages for languages in LANGUAGES.values())


def _language_of(path: str) -> str:
    name = re.split(r"[\\/]", path)[-1]
    extension = name.rpartition(".")[2].lower()
    if name.startswith("Makefile"):
        return "make"
    if name.startswith(("Dockerfile", "Containerfile")):
        return "dockerfile"
    known = LANGUAGES.get(extension)
    return known[0] if known else ""
