"""The child process that reads a file and puts a block of code into its text, so that the window never waits."""

from __future__ import annotations

from collections.abc import Callable

from app.files.apply_block import apply_block
from app.files.block_messages import BlockPlaced, CannotPlaceBlockError, PlaceBlock
from app.files.block_target import without_label
from app.files.placing import CannotPlaceError
from app.files.text_file import read_text_file
from app.ipc.job import JobEvent, serve


def answer(command: PlaceBlock, _send: Callable[[JobEvent], None]) -> JobEvent:
    """Do what is asked.

    Raises:
        AppError: The file cannot be read, or it is not clear where the block belongs.
    """
    before = read_text_file(command.path).text if command.before is None else command.before
    source, named = command.source, command.named
    if named is not None and named.label_line >= 0:
        label = source.text.split("\n")[named.label_line]
        if label in before.split("\n")[:3]:
            named = None  # the file says so itself
    try:
        placed = apply_block(before, without_label(source, named), source.language, command.shown)
    except CannotPlaceError as error:
        raise CannotPlaceBlockError(f"The block was not applied to {command.shown}", str(error)) from None
    return BlockPlaced(before=before, text=placed.text, how=placed.how, warning=placed.warning)


if __name__ == "__main__":
    serve(PlaceBlock, answer)
