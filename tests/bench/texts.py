"""Replies as a coding model writes them: prose, lists, code. The same number gives the same text."""

from __future__ import annotations

import random

_TEXT = """
the value of a list can be changed in place so that every name which refers to it sees the change at once
while a tuple stays as it is and may serve as a key when all of its parts can be hashed
"""
_WORDS = _TEXT.split()
_CODE = '''```python
def merge(left: list[int], right: list[int]) -> list[int]:
    """Return both, sorted."""
    merged = []
    while left and right:
        merged.append((left if left[0] <= right[0] else right).pop(0))
    return merged + left + right
```'''


def reply(number: int, words: int = 90) -> str:
    """Return Markdown of about so many words."""
    choice = random.Random(number)
    blocks: list[str] = []
    count = 0
    while count < words:
        kind = choice.random()
        if kind < 0.25:
            block = _CODE
        elif kind < 0.45:
            block = "\n".join(f"- **{choice.choice(_WORDS)}**: {_sentence(choice)}" for _ in range(3))
        else:
            block = " ".join(_sentence(choice) for _ in range(choice.randint(1, 4)))
        blocks.append(block)
        count += len(block.split())
    return "\n\n".join(blocks)


def question(number: int) -> str:
    """Return what a user might ask."""
    return _sentence(random.Random(-number - 1)).removesuffix(".") + "?"


def _sentence(choice: random.Random) -> str:
    words = choice.choices(_WORDS, k=choice.randint(6, 22))
    words[choice.randrange(len(words))] = "`sorted(items)`"
    return " ".join(words).capitalize() + "."
