"""Which icon a file's name gets, and in which colour. Pure."""

from __future__ import annotations

from app.files.folder_messages import GitMark

#: (icon, colour token)
FileIcon = tuple[str, str]

_FOLDER: FileIcon = ("folder", "text.muted")
_OTHER: FileIcon = ("file", "text.muted")
_CODE: FileIcon = ("file-code", "file.code")
_TEXT: FileIcon = ("file-text", "text.muted")
_DATA: FileIcon = ("file-braces", "file.data")
_SETTINGS: FileIcon = ("file-cog", "file.data")
_SCRIPT: FileIcon = ("file-terminal", "file.script")
_STYLE: FileIcon = ("palette", "file.media")
_IMAGE: FileIcon = ("file-image", "file.media")
_SOUND: FileIcon = ("file-headphone", "file.media")
_FILM: FileIcon = ("file-video-camera", "file.media")
_FONT: FileIcon = ("file-type", "file.media")
_ARCHIVE: FileIcon = ("file-archive", "file.data")
_TABLE: FileIcon = ("table", "file.data")
_DATABASE: FileIcon = ("database", "file.data")
_BOOK: FileIcon = ("book-open-text", "file.code")
_KEY: FileIcon = ("file-key", "file.data")
_GIT: FileIcon = ("git-branch", "text.muted")

_KINDS: tuple[tuple[FileIcon, str], ...] = (
    (_CODE, "py pyi pyx js mjs cjs jsx ts tsx rs go c h cc cpp cxx hpp hh cs java kt kts swift rb php pl lua r jl "
            "scala clj ex exs erl hs ml mli fs dart zig nim d v vhd asm s m mm cu cl vue svelte html htm xhtml sql qml "
            "wgsl glsl"),
    (_TEXT, "txt rst adoc org tex log diff patch"),
    (_BOOK, "md markdown mdx ipynb pdf epub"),
    (_DATA, "json jsonc json5 jsonl xml plist proto graphql geojson"),
    (_SETTINGS, "toml yaml yml ini cfg conf env properties editorconfig service desktop lock"),
    (_SCRIPT, "sh bash zsh fish ps1 bat cmd mk cmake ninja nix"),
    (_STYLE, "css scss sass less styl qss"),
    (_IMAGE, "png jpg jpeg gif webp bmp ico svg tif tiff avif heic psd xcf"),
    (_SOUND, "wav mp3 ogg flac m4a opus aac mid"),
    (_FILM, "mp4 mkv webm mov avi m4v"),
    (_FONT, "ttf otf woff woff2 eot"),
    (_ARCHIVE, "zip gz tgz xz bz2 zst 7z rar tar whl jar deb rpm gguf safetensors onnx"),
    (_TABLE, "csv tsv xls xlsx ods parquet"),
    (_DATABASE, "db sqlite sqlite3 mdb"),
    (_KEY, "pem key crt cer pub asc gpg p12"),
)  # fmt: skip
_BY_SUFFIX = {suffix: icon for icon, suffixes in _KINDS for suffix in suffixes.split()}
_BY_NAME: dict[str, FileIcon] = {
    "makefile": _SCRIPT,
    "dockerfile": _SCRIPT,
    "justfile": _SCRIPT,
    "license": _TEXT,
    "readme": _BOOK,
    ".gitignore": _GIT,
    ".gitattributes": _GIT,
    ".gitmodules": _GIT,
}
#: What a mark is called, and the colour token it is shown in.
GIT_WORDS: dict[GitMark, tuple[str, str]] = {
    "M": ("modified", "warning"),
    "A": ("added", "success"),
    "D": ("deleted", "danger"),
    "R": ("renamed", "success"),
    "U": ("not in git yet", "success"),
    "C": ("in conflict", "danger"),
}


def icon_for_file(name: str) -> FileIcon:
    """Return the icon and the colour token for a file, by its name alone."""
    name = name.lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    return _BY_SUFFIX.get(name.rpartition(".")[2] if "." in name else "", _OTHER)


def icon_for_folder(*, is_open: bool) -> FileIcon:
    """Return the icon and the colour token for a folder."""
    return ("folder-open", "text.muted") if is_open else _FOLDER
