"""Whether a reply can be made now."""

from __future__ import annotations

from app.chat.replier import Replier
from app.engine.engine import Engine
from app.errors import AppError


def require_ready(engine: Engine, replier: Replier) -> None:
    """Make sure that a reply can be made now.

    Raises:
        AppError: No model is ready, or a reply is under way.
    """
    if replier.turn is not None:
        raise AppError("A reply is being made", "Only one reply can be made at a time.", "Stop it first, or wait.")
    if engine.model is None:
        raise AppError("No model is loaded", "A reply needs a model.", "Choose one from the model menu.")
