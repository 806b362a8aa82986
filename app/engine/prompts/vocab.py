"""What prompt assembly needs to know of a model's tokenizer."""

from __future__ import annotations

from typing import Protocol


class Vocab(Protocol):
    """A loaded model's tokenizer."""

    @property
    def special_texts(self) -> tuple[str, ...]:
        """The texts of all control and user-defined tokens, such as ``<|im_end|>`` and ``<tool_call>``."""
        ...

    @property
    def bos_text(self) -> str:
        """The text of the beginning-of-sequence token; empty when there is none."""
        ...

    @property
    def eos_text(self) -> str:
        """The text of the end-of-sequence token; empty when there is none."""
        ...

    @property
    def bos_id(self) -> int | None:
        """The beginning-of-sequence token."""
        ...

    @property
    def adds_bos(self) -> bool:
        """Whether every prompt of this model begins with ``bos_id``."""
        ...

    def tokenize(self, text: str, *, parse_special: bool, add_special: bool) -> list[int]:
        """Return the ids of ``text``.

        ``parse_special`` turns the texts of control tokens into those tokens; ``add_special`` adds what the
        model wants around every prompt, such as ``bos_id``.
        """
        ...

    def piece(self, token: int) -> bytes:
        """Return the bytes a token adds to a text."""
        ...
