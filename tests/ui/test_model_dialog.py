"""The parts of the model dialog that need nothing behind them: picker, card, foot, indicator, settings page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QScrollArea, QToolButton

from app.catalog.cards import load_cards
from app.paths import find_paths
from app.settings import Settings
from tests.ui import model_examples as examples
from tests.ui import model_fakes as fakes
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.models import sizes
from ui.models.action_bar import ActionBar
from ui.models.action_state import ActionState
from ui.models.card_facts import facts_of_card, facts_of_local, facts_of_repository
from ui.models.card_view import CardView
from ui.models.model_dialog import ModelDialog
from ui.models.model_picker import ModelPicker
from ui.models.picker_model import Entry, filtered
from ui.models.wishes import Wishes
from ui.settings.models_page import ModelsPage
from ui.status.download_indicator import DownloadIndicator, indicator_words
from ui.widgets.number_field import FloatField, IntField

CODER = next(card for card in load_cards() if card.id == "qwen3-coder-next")
ENTRIES = [
    Entry("heading", "", "For this machine"),
    Entry("card", "card:a", "Qwen3-Coder-Next", "Qwen, 80B"),
    Entry("card", "card:b", "Qwen2.5-Coder-7B", "Qwen, 7.6B"),
    Entry("heading", "", "On disk"),
    Entry("local", "local:c", "A very long name that never ends and goes on and on", "18.6 GB, LM Studio"),
]
Q4 = fakes.variant("Q4_K_M", 48.4)


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 MB"), (199_229, "199 kB"), (98_000_000, "98 MB"), (48_400_000_000, "48.4 GB"), (159_000_000_000, "159 GB")],
)
def test_sizes_are_said_as_model_cards_do(size, said):
    assert sizes.size_words(size) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(20, "under a minute"), (61, "1 min"), (3600, "1 h"), (7500, "2 h 5 min"), (90_000, "25 h")]
)
def test_times_are_said_roughly(seconds, said):
    assert sizes.time_words(seconds) == said


def test_numbers_have_as_many_digits_as_are_known():
    assert [sizes.number_words(value) for value in (0.42, 3.44, 42.4, 467.8, 1234.5)] == [
        "0.4",
        "3.4",
        "42",
        "470",
        "1,200",
    ]


# --- the picker ---------------------------------------------------------------------------------------------


@pytest.fixture
def picker(theme, qtbot):
    picker = ModelPicker(theme)
    qtbot.addWidget(picker)
    picker.resize(280, 600)
    picker.show_entries(ENTRIES, "card:a")
    picker.show()
    qtbot.waitExposed(picker)
    return picker


def test_typing_filters_and_offers_to_search(picker, qtbot):
    qtbot.keyClicks(picker.findChild(QLineEdit, "model_search"), "coder 7b")
    titles = [entry.title for entry in picker.entries]
    assert titles == ["Search Hugging Face for \u201ccoder 7b\u201d", "For this machine", "Qwen2.5-Coder-7B"]


def test_a_repository_is_offered_to_be_opened(picker):
    picker.findChild(QLineEdit, "model_search").setText("https://huggingface.co/a/b-GGUF")
    assert picker.entries[0].title == "Open https://huggingface.co/a/b-GGUF"


def test_enter_submits_what_is_typed(picker, qtbot):
    field = picker.findChild(QLineEdit, "model_search")
    field.setText("  a/b ")
    with qtbot.waitSignal(picker.submitted) as submitted:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert submitted.args == ["a/b"]


def test_down_goes_from_the_field_into_the_list(picker, qtbot):
    field = picker.findChild(QLineEdit, "model_search")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert not field.hasFocus()
    heard = []
    picker.selected.connect(heard.append)
    qtbot.keyClick(picker._list, Qt.Key.Key_Down)
    qtbot.keyClick(picker._list, Qt.Key.Key_Down)
    assert heard == ["card:b", "local:c"]


def test_showing_entries_chooses_nothing(picker, qtbot):
    with qtbot.assertNotEmitted(picker.selected):
        picker.show_entries([Entry("heading", "", "New"), *ENTRIES], "card:b")


def test_a_heading_goes_with_its_last_entry():
    assert [entry.title for entry in filtered(ENTRIES, "lm studio")] == ["On disk", ENTRIES[4].title]


def test_text_from_outside_is_plain(picker):
    picker.show_entries([Entry("found", "repository:x", "<b>bold</b>", "<img src=x>")], "")
    assert not picker.grab().isNull()
    assert picker.entries[0].title == "<b>bold</b>"


# --- the card -----------------------------------------------------------------------------------------------


def test_a_card_tells_what_its_maker_does():
    facts = facts_of_card(CODER)
    assert facts.facts[:3] == ("MoE 80B, 3B active", "262,144 tokens of context", "Apache-2.0")
    assert "Non-thinking only" in facts.facts
    details = dict(facts.details)
    assert details["Experts"] == "512 experts, 10 active, 1 shared"
    assert details["Sampling"] == "temperature 1.0, top p 0.95, top k 40"
    assert "Gated DeltaNet" in details["Layout"]


def test_a_repository_without_a_card_tells_what_its_header_does():
    facts = facts_of_repository(fakes.repository(Q4), fakes.OUTLINE, "https://huggingface.co/acme/tiny-GGUF")
    assert (facts.title, facts.provider) == ("tiny-GGUF", "acme")
    assert "1 variant" in facts.facts
    assert facts.links[0][1].endswith("acme/tiny-GGUF")


def test_a_file_on_disk_tells_where_it_is():
    facts = facts_of_local(fakes.on_disk("Q4_K_M", 48.4, place="ollama"), None)
    assert facts.provider == "Ollama"
    assert dict(facts.details)["File"].endswith("Q4_K_M.gguf")


@pytest.fixture
def card(theme, qtbot):
    card = CardView(theme)
    qtbot.addWidget(card)
    card.resize(800, 400)
    card.show_facts(facts_of_card(CODER))
    card.show()
    return card


def test_details_unfold(card, qtbot):
    details = card.findChild(QScrollArea, "card_details")
    assert not details.isVisible()
    card.findChild(QPushButton, "card_details_button").click()
    assert details.isVisible()
    card.show_facts(facts_of_card(load_cards()[0]))
    assert details.isVisible()


def test_a_link_is_opened_only_when_it_is_clicked(card, qtbot):
    button = card.findChild(QPushButton, "card_link_0")
    with qtbot.waitSignal(card.link_requested) as asked:
        button.click()
    assert asked.args == [CODER.links["Model card"]]
    assert button.toolTip() == CODER.links["Model card"]


# --- the foot -----------------------------------------------------------------------------------------------


@pytest.fixture
def bar(theme, qtbot):
    bar = ActionBar(theme)
    qtbot.addWidget(bar)
    bar.resize(800, 70)
    bar.show()
    return bar


def shown(bar):
    return {button.objectName() for button in bar.findChildren(QPushButton) if button.isVisible()}


@pytest.mark.parametrize(
    ("kind", "buttons"),
    [
        ("away", {"download_button"}),
        ("here", {"load_button"}),
        ("running", {"pause_button", "cancel_download_button"}),
        ("paused", {"resume_button", "cancel_download_button"}),
        ("failed", {"resume_button", "cancel_download_button"}),
        ("none", set()),
    ],
)
def test_each_state_offers_what_can_be_done(bar, kind, buttons):
    bar.show_state(ActionState(kind))
    assert shown(bar) == buttons


def test_cancelling_asks_what_becomes_of_what_was_fetched(bar, qtbot):
    bar.show_state(ActionState("running", share=0.4, partial_words="20.8 GB"))
    bar.findChild(QPushButton, "cancel_download_button").click()
    assert {"keep_partial_button", "delete_button", "action_back_button"} == shown(bar)
    with qtbot.waitSignal(bar.cancel_requested) as cancelled:
        bar.findChild(QPushButton, "delete_button").click()
    assert cancelled.args == [False]


def test_progress_does_not_take_the_question_away(bar):
    bar.show_state(ActionState("running", share=0.4, partial_words="20.8 GB"))
    bar.findChild(QPushButton, "cancel_download_button").click()
    bar.show_state(ActionState("running", share=0.5, partial_words="24.2 GB"))
    assert "keep_partial_button" in shown(bar)


def test_nothing_fetched_is_cancelled_at_once(bar, qtbot):
    bar.show_state(ActionState("queued"))
    with qtbot.waitSignal(bar.cancel_requested):
        bar.findChild(QPushButton, "cancel_download_button").click()


def test_more_is_in_a_menu(bar):
    bar.show_state(ActionState("here", can_verify=True, has_folder=True, can_copy=True, remove_words="48.4 GB"))
    button = bar.findChild(QToolButton, "variant_more_button")
    assert isinstance(button.menu(), QMenu)
    assert [action.text() for action in button.menu().actions() if action.text()] == [
        "Verify the files",
        "Show in folder",
        "Copy as llama-server command",
        "Remove from disk\u2026",
    ]
    bar.show_state(ActionState("none"))
    assert not button.isVisible()


# --- the dialog ---------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(theme, qtbot):
    dialog = ModelDialog(theme)
    qtbot.addWidget(dialog)
    dialog.show_entries(ENTRIES, "card:a")
    dialog.show_model(True)
    dialog.card.show_facts(facts_of_card(CODER))
    dialog.listing.show_rows(examples.many_rows(), "Q6_K_5")
    dialog.fit.show_plan(examples.TWO_GPUS, examples.values_of(examples.TWO_GPUS), Wishes())
    dialog.actions_bar.show_state(ActionState("away", "Q6_K_5", "To /models", can_download=True))
    return dialog


@pytest.mark.parametrize("size", [(960, 560), (1120, 720), (1700, 940)])
@pytest.mark.parametrize("mode", ["light", "dark", "high-contrast"])
def test_it_is_painted_in_every_theme_and_size(dialog, theme, qtbot, size, mode):
    theme.set_mode(mode)
    dialog.resize(*size)
    dialog.show()
    qtbot.waitExposed(dialog)
    assert not dialog.grab().isNull()
    assert dialog.listing.table.isVisible()
    assert dialog.actions_bar.isVisible()
    theme.set_mode("light")


def test_thirty_variants_leave_room_for_what_the_chosen_one_needs(dialog, qtbot):
    dialog.resize(1120, 720)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.share_height()
    above, below = dialog._splitter.sizes()
    assert above >= 100
    assert below >= 200


def test_what_is_awaited_has_the_whole_room(dialog, qtbot):
    dialog.fit.hide()
    dialog.listing.show_loading("Reading the list of files")
    dialog.resize(1120, 720)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.share_height()
    qtbot.waitUntil(lambda: dialog.listing.height() > 400)
    dialog.fit.show()
    dialog.listing.show_rows(examples.qwen_rows(), "Q4_K_M")
    dialog.share_height()
    qtbot.waitUntil(lambda: dialog.fit.isVisible() and dialog.listing.height() < 400)


def test_large_text_keeps_everything_inside(dialog, theme, qtbot):
    theme.set_text(1.5)
    dialog.resize(1400, 900)
    dialog.show()
    qtbot.waitExposed(dialog)
    assert dialog.findChild(QPushButton, "download_button").isVisible()
    theme.set_text(1.0)


def test_escape_closes_it_and_tells(dialog, qtbot):
    dialog.show()
    qtbot.waitExposed(dialog)
    with qtbot.waitSignal(dialog.closed):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_size_that_cannot_be_read_is_left_alone(dialog):
    size = dialog.size()
    dialog.restore("not base64 \u2026")
    assert dialog.size() == size


# --- downloads in the status bar ----------------------------------------------------------------------------


def test_the_indicator_sums_up_what_is_going():
    one = fakes.download(Q4, done=24.2, eta_s=600)
    assert indicator_words([]) == ""
    assert indicator_words([one]) == "50 %, 10 min left"
    assert indicator_words([one, fakes.download(Q4, "queued", number=2)]) == "25 %, 10 min left"
    assert indicator_words([fakes.download(Q4, "failed")]) == "Download failed"
    assert indicator_words([fakes.download(Q4, "paused"), fakes.download(Q4, "done", number=2)]) == "Download paused"


def test_the_indicator_is_there_only_while_there_is_something_to_say(theme, qtbot):
    indicator = DownloadIndicator(theme)
    qtbot.addWidget(indicator)
    indicator.show_downloads([fakes.download(Q4, done=12)])
    assert indicator.isVisible()
    assert indicator.accessibleName() == "Downloads: 24 %"
    assert "acme/tiny-GGUF Q4_K_M: running, 12.0 GB of 48.4 GB" in indicator.toolTip()
    indicator.show_downloads([fakes.download(Q4, "done")])
    assert not indicator.isVisible()


# --- settings -----------------------------------------------------------------------------------------------


@pytest.fixture
def page(theme, qtbot, tmp_path):
    page = ModelsPage(theme, find_paths({"SAWHORSE_HOME": str(tmp_path / "home")}))
    qtbot.addWidget(page)
    page.show_settings(Settings())
    return page


def heard(page):
    told = []
    page.changed.connect(told.append)
    return told


def test_the_limit_is_kept_in_bytes_per_second(page):
    told = heard(page)
    page.findChild(FloatField, "download_limit").setValue(12.5)
    assert told == [{"download_limit": 12_500_000}]
    page.show_settings(Settings(download_limit=3_000_000))
    assert page.findChild(FloatField, "download_limit").value() == 3


def test_connections_are_told(page):
    told = heard(page)
    page.findChild(IntField, "download_connections").setValue(8)
    assert told == [{"download_connections": 8}]


def test_folders_are_added_and_removed(page):
    told = heard(page)
    page._folders.add("/models/mine")
    assert told == [{"model_folders": ("/models/mine",)}]
    page.show_settings(Settings(model_folders=("/a", "/b")))
    page._folders.add("/a")
    page.findChild(QToolButton, "remove_model_folder_0").click()
    assert told[1:] == [{"model_folders": ("/b",)}]


def test_the_folder_of_downloads_can_be_given_back(page):
    page.show_settings(Settings(download_folder="/large/disk"))
    told = heard(page)
    page.findChild(QPushButton, "reset_download_folder_button").click()
    assert told == [{"download_folder": ""}]


def test_the_page_can_be_used_by_keyboard_and_ear(page):
    page.show_settings(Settings(model_folders=("/a", "/b")))
    assert_accessible(page)
    assert_names_are_unique(page)
