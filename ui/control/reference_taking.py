"""Takes the text of what a message points at: from an open tab, which may not be saved, else from the disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from app.conversations.parts import ReferencePart
from app.errors import AppError
from app.files.reference_reading import path_from_text, take_from_text

#: Hears the references with their texts, or why one of them has none.
OnTaken = Callable[[tuple[ReferencePart, ...] | AppError], None]
OnRead = Callable[[ReferencePart | AppError], None]


class ReadReference(Protocol):
    """Reads from the disk; see ``ReferenceReader.read``."""

    def __call__(self, reference: ReferencePart, folder: str, on_done: OnRead) -> None:
        """Read what a reference with an absolute path points at; answered once."""
        ...


class ReferenceTaking:
    """Takes texts.

    Args:
        text_of: The text of an open file by its absolute path, None if it is not open.
        folder: The open folder, absolute; empty for none.
        read: Reads from the disk.
    """

    def __init__(self, text_of: Callable[[str], str | None], folder: Callable[[], str], read: ReadReference) -> None:
        self._text_of = text_of
        self._folder = folder
        self._read = read

    def take(self, reference: ReferencePart, on_done: OnRead) -> None:
        """Take the text of one; answered once, now or later."""
        if not reference.path:  # of a text that is no file yet; it was taken when it was pointed at
            on_done(reference)
            return
        text = None if reference.target == "folder" else self._text_of(path_from_text(reference.path))
        if text is None:
            self._read(reference, self._folder(), on_done)
            return
        try:
            on_done(take_from_text(reference, text, self._folder()))
        except AppError as error:
            on_done(error)

    def take_all(self, references: Sequence[ReferencePart], on_done: OnTaken) -> None:
        """Take the texts of several, or tell of the first that cannot be had; answered once."""
        taken: dict[int, ReferencePart] = {}
        is_over = False

        def hear(place: int, answer: ReferencePart | AppError) -> None:
            nonlocal is_over
            if is_over:
                return
            if isinstance(answer, AppError):
                is_over = True
                on_done(answer)
                return
            taken[place] = answer
            if len(taken) == len(references):
                is_over = True
                on_done(tuple(taken[index] for index in range(len(references))))

        if not references:
            on_done(())
        for place, reference in enumerate(references):
            self.take(reference, lambda answer, place=place: hear(place, answer))  # type: ignore[misc]
