"""Where a window may stand: pure rules on rectangles."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize

#: A title bar shows at least this much on a screen, in pixels, so that it can be caught with the mouse.
_CATCH_WIDTH = 120
_CATCH_HEIGHT = 32


def fitted(frame: QRect, screens: Sequence[QRect]) -> QRect:
    """Return where a window goes that was last at ``frame``.

    It stays where its top can be reached on one of the screens (available areas; the first is the main one);
    otherwise it is moved to the middle of the main one and made no larger than that.
    """
    top = QRect(frame.x(), frame.y(), frame.width(), _CATCH_HEIGHT)
    for screen in screens:
        seen = screen.intersected(top)
        if seen.width() >= min(_CATCH_WIDTH, frame.width()) and seen.height() >= _CATCH_HEIGHT:
            return QRect(frame)
    if not screens:
        return QRect(frame)
    main = screens[0]
    moved = QRect(0, 0, min(frame.width(), main.width()), min(frame.height(), main.height()))
    moved.moveCenter(main.center())
    return moved


def size_with_frame(size: QSize, frame: QSize, screen: QSize) -> QSize:
    """Return the size of a window so that it fits its screen with the frame that the system drew around it.

    A window that does not fit without one was made that large, and stays so.

    Args:
        size: The window's, without its frame.
        frame: The window's, with its frame.
        screen: The screen's available area.
    """
    if size.boundedTo(screen) != size:
        return size
    return size.boundedTo(screen - (frame - size))
