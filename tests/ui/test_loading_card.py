"""The card that says how far a model has been loaded."""

import pytest
from PySide6.QtWidgets import QLabel

from ui.models.loading_card import LoadingCard


@pytest.mark.parametrize("fraction", [0.0, 0.07, 0.99, 1.0])
def test_the_share_is_never_cut_off(theme, qtbot, fraction):
    card = LoadingCard(theme)
    qtbot.addWidget(card)
    card.resize(400, 80)
    card.show()
    card.show_progress("model", 0.0)
    card.show_progress("model", fraction)
    (share,) = [label for label in card.findChildren(QLabel) if label.text().endswith("%")]
    card.layout().activate()
    assert share.text() == f"{100 * fraction:.0f} %"
    assert share.width() >= share.fontMetrics().horizontalAdvance(share.text())
