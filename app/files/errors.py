"""What can go wrong with a file that is edited; each kind is told apart by what reads and writes it, and the window."""

from __future__ import annotations

import errno
import os

from app.errors import AppError


class FileChangedOutsideError(AppError):
    """The file on disk is not the one that was read: somebody else has changed, replaced or deleted it."""

    code = "changed_outside"


class NotTextError(AppError):
    """The file cannot be shown as text: it is binary, no regular file, or too large to edit."""

    code = "not_text"


class FileExistsAlreadyError(AppError):
    """A new file was to be made where there is one."""

    code = "exists_already"


class CannotEncodeError(AppError):
    """The text has a character that the encoding lacks; UTF-8 has them all."""

    code = "cannot_encode"


class CannotWriteError(AppError):
    """The system refuses to have the file written there, as it is read-only or not ours; another place may do."""

    code = "cannot_write"


KINDS = (FileChangedOutsideError, NotTextError, FileExistsAlreadyError, CannotEncodeError, CannotWriteError)

_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_HINTS = {
    errno.ENOSPC: "Free some space and save again, or save it elsewhere. Nothing is lost while it is open here.",
    errno.EDQUOT: "Free some space and save again, or save it elsewhere. Nothing is lost while it is open here.",
    errno.EFBIG: "Files may not be that large there. Save it elsewhere.",
    errno.EIO: "The disk may be failing. Save it elsewhere. Nothing is lost while it is open here.",
    errno.ENOENT: "Save it in a folder that is there.",
    errno.ENOTDIR: "Save it in a folder that is there.",
}


def cannot_write(path: str, error: OSError) -> AppError:
    """Return what is said when a file could not be written; it is as it was."""
    title = f"{os.path.basename(path)} was not saved"  # noqa: PTH119 - also of a path of another system
    message = f"{path}: {words_of(error)}. The file on disk is as it was."
    if error.errno in _REFUSED:
        return CannotWriteError(title, message, "Save it under another name or in another folder.")
    return AppError(title, message, _HINTS.get(error.errno or 0, "Save it under another name or in another folder."))


def cannot_read(path: str, error: OSError) -> AppError:
    """Return what is said when a file could not be read."""
    title = f"{os.path.basename(path)} cannot be opened"  # noqa: PTH119 - also of a path of another system
    hint = "It may have been moved or deleted." if isinstance(error, FileNotFoundError) else ""
    if error.errno in _REFUSED:
        hint = "Your user may not read it; its owner can change that."
    return AppError(title, f"{path}: {words_of(error)}.", hint)


def words_of(error: OSError) -> str:
    """Return what the system says, without a full stop."""
    return (error.strerror or str(error)).rstrip(".")
