"""What the foot of the model dialog offers for the chosen variant, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActionKind = Literal[
    "none", "away", "here", "incomplete", "queued", "running", "paused", "waiting", "verifying", "failed"
]
Level = Literal["", "warning", "danger"]


@dataclass(frozen=True)
class ActionState:
    """What is said and what can be done.

    Attributes:
        key: Names what it is about: a question that is being asked of one thing must not be answered for another.
        words: What is going on, in a few words; ``detail`` has the numbers.
        share: Of a download, 0 to 1; None where there is none.
        download_words: On the download button, such as "Download 48.4 GB".
        can_download: Whether it may be clicked; ``detail`` says why not.
        load_words: On the load button.
        can_load: Whether the model can be loaded.
        partial_words: What a cancelled download would leave, such as "12.4 GB"; empty for nothing.
        remove_words: What removing frees, such as "48.4 GB"; empty where nothing may be removed by Sawhorse.
        can_verify: Whether there is anything to compare it with.
    """

    kind: ActionKind
    words: str = ""
    detail: str = ""
    level: Level = ""
    share: float | None = None
    download_words: str = "Download"
    can_download: bool = False
    load_words: str = "Load"
    can_load: bool = False
    partial_words: str = ""
    remove_words: str = ""
    can_verify: bool = False
    has_folder: bool = False
    can_copy: bool = False
    key: str = ""
