"""The model dialog, connected: from opening it to a model that is loaded as planned."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QSlider, QTreeView, QWidget

from app.catalog.cards import load_cards
from app.engine.messages import Finished, Loaded, LoadSettings, ModelInfo, Stats, Unloaded
from app.settings import Settings, SettingsFile
from tests.ui import model_examples as examples
from tests.ui import model_fakes as fakes
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.control.choice_verbs import ChoiceVerbs
from ui.control.download_control import DownloadControl
from ui.control.fit_control import FitControl
from ui.control.listing_control import ListingControl
from ui.control.models_control import ModelsControl
from ui.control.planned_run import PlannedRun
from ui.main_window import MainWindow
from ui.models.model_dialog import ModelDialog
from ui.widgets.number_field import IntField


class Stage:
    """The dialog with stand-ins behind it; ``open`` shows it."""

    def __init__(self, theme, qtbot, tmp_path, *models, downloads=(), plan=examples.FITS, settings=None):
        self.qtbot = qtbot
        self.window = MainWindow(theme)
        qtbot.addWidget(self.window)
        self.settings = SettingsFile(tmp_path / "settings.json")
        if settings is not None:
            self.settings.replace(settings)
        self.catalog, self.fit, self.disk = fakes.FakeCatalog(), fakes.FakeFit(plan), fakes.FakeDisk(*models)
        self.queue, self.removal = fakes.FakeQueue(*downloads), fakes.FakeRemoval()
        self.model, self.engine = fakes.FakeModel(), SimpleNamespace(model=None)
        self.listings = ListingControl(self.catalog, self.disk, self.window)
        self.downloads = DownloadControl(self.queue, self.removal, theme, self.window, self.window)
        fit = FitControl(self.fit, self.window)
        run = PlannedRun(fit, self.window)
        verbs = ChoiceVerbs(
            self.settings, self.model, self.downloads, run, self.window.notices, "/own",
            lambda folder, variant: f"{folder}/{variant.repository}",
        )  # fmt: skip
        self.shown_pages = []
        self.control = ModelsControl(
            theme, self.window, self.settings, load_cards(), self.engine, self.model, self.listings, fit,
            self.downloads, verbs, run, fakes.describe, self.shown_pages.append, self.window,
        )  # fmt: skip
        self.window.show()

    def open(self):
        self.control.open()
        self.qtbot.waitExposed(self.dialog)
        return self

    def open_repository(self, *variants):
        """Open a repository that offers these."""
        self.open()
        self.type("acme/tiny-GGUF")
        self.catalog.answer(fakes.repository(*variants))
        return self

    def type(self, text):
        """Type into the field of the picker and press Enter."""
        field = self.find(QLineEdit, "model_search")
        field.setText(text)
        self.qtbot.keyClick(field, Qt.Key.Key_Return)

    def answer_all(self):
        """Have every check answered."""
        answered = 0
        while answered < len(self.fit.asked):
            answered = len(self.fit.asked)
            self.fit.answer()

    def find(self, kind, name):
        return self.dialog.findChild(kind, name)

    def click(self, name):
        button = self.find(QPushButton, name)
        assert button.isVisible(), f"{name} is not shown"
        button.click()

    def words(self, name):
        return self.find(QLabel, name).text()

    @property
    def dialog(self):
        return self.window.findChild(ModelDialog, "model_dialog")

    @property
    def rows(self):
        return {row.quantization: row for row in self.dialog.listing.table.rows}

    @property
    def titles(self):
        return [entry.title for entry in self.dialog.picker.entries]

    @property
    def outcome(self):
        box = self.find(QWidget, "fit_outcome")
        return [label.text() for label in box.findChildren(QLabel)] if box.isVisible() else []

    @property
    def action(self):
        return self.dialog.actions_bar.state


@pytest.fixture
def make(theme, qtbot, tmp_path):
    """Make a stage; everything of it ends with the test."""
    made = []

    def make_stage(*models, **how):
        made.append(Stage(theme, qtbot, tmp_path, *models, **how))
        return made[-1]

    yield make_stage
    for stage in made:
        stage.control.stop()
        stage.downloads.stop()


SMALL, LARGE = fakes.variant("Q4_K_M", 48.4, shards=4), fakes.variant("Q8_0", 84.8)


# --- opening ------------------------------------------------------------------------------------------------


def test_nothing_runs_and_no_dialog_is_made_before_it_is_asked_for(make):
    stage = make()
    assert stage.dialog is None
    assert not stage.catalog.asked
    assert not stage.fit.asked


def test_the_dialog_does_not_block_the_window(make):
    assert not make().open().dialog.isModal()


def test_it_opens_at_the_card_that_fits_best(make):
    stage = make().open()
    assert stage.dialog.card.facts.title == "Qwen3-Coder-Next"
    assert stage.titles[:2] == ["For this machine", "Qwen3-Coder-Next"]


def test_every_control_can_be_found_and_heard(make):
    stage = make(fakes.on_disk("Q4_K_M", 48.4)).open_repository(SMALL, LARGE)
    stage.answer_all()
    assert_accessible(stage.dialog)
    assert_names_are_unique(stage.dialog)


def test_the_size_of_the_dialog_is_remembered(make):
    stage = make().open()
    stage.dialog.close()
    assert stage.settings.settings.model_dialog


# --- listing ------------------------------------------------------------------------------------------------


def test_while_a_repository_is_listed_it_says_so(make):
    stage = make().open()
    stage.type("acme/tiny-GGUF")
    assert stage.dialog.listing._pages.currentWidget().accessibleName().startswith("Reading the list of files")


def test_a_repository_shows_its_variants_and_is_offered_again(make):
    stage = make().open_repository(SMALL, LARGE)
    assert list(stage.rows) == ["Q4_K_M", "Q8_0"]
    assert stage.rows["Q4_K_M"].files == 4
    assert stage.settings.settings.recent_repositories == ("acme/tiny-GGUF",)
    assert "acme/tiny-GGUF" in stage.titles


def test_without_a_network_the_card_is_shown_with_its_own_sizes(make):
    stage = make().open()
    stage.catalog.answer(fakes.CodedError("offline", "Could not reach huggingface.co", "The cable is out."))
    assert stage.rows["Q4_K_M"].is_rounded
    banner = stage.dialog.listing.banner
    assert banner.isVisible()
    assert "sizes below are those of the model card" in banner._message.text()
    assert not stage.action.can_download
    before = len(stage.catalog.asked)
    stage.click("listing_retry_button")
    assert len(stage.catalog.asked) == before + 1


def test_a_card_falls_back_to_its_next_repository(make):
    stage = make().open()
    first = stage.catalog.asked[-1][0]
    stage.catalog.answer(fakes.CodedError("not_found", "There is no such repository"))
    assert stage.catalog.asked[-1][0] != first


def test_a_gated_repository_asks_for_a_token_and_uses_it_everywhere(make, qtbot):
    stage = make().open()
    stage.type("acme/tiny-GGUF")
    stage.catalog.answer(fakes.CodedError("gated", "acme/tiny-GGUF is gated", "Accept its terms."))
    field = stage.find(QLineEdit, "token_field")
    assert field.isVisible()
    assert field.echoMode() == QLineEdit.EchoMode.Password
    field.setText("hf_secret")
    stage.click("use_token_button")
    assert stage.catalog.asked[-1][1] == "hf_secret"
    assert stage.fit.tokens == ["hf_secret"]
    assert field.text() == ""
    assert "hf_secret" not in str(stage.settings.settings)


def test_words_are_searched_for_and_what_is_found_can_be_opened(make):
    stage = make().open()
    stage.type("qwen coder")
    assert "Searching for \u201cqwen coder\u201d \u2026" in stage.titles
    stage.catalog.answer([SimpleNamespace(id="unsloth/Something-GGUF", downloads=12_345)])
    assert "unsloth/Something-GGUF" in stage.titles


def test_what_cannot_be_understood_is_said_and_nothing_is_lost(make):
    stage = make().open()
    title = stage.dialog.card.facts.title
    stage.type("bad/name")
    assert [notice.title for notice in stage.window.notices.notices()] == ["That names no repository"]
    assert stage.dialog.card.facts.title == title


# --- the fit ------------------------------------------------------------------------------------------------


def test_the_chosen_variant_is_checked_and_the_others_follow_by_estimate(make):
    stage = make().open_repository(SMALL, LARGE)
    assert stage.words("fit_verdict") == "Checking whether it fits \u2026"
    stage.fit.answer()
    assert stage.words("fit_verdict") == "Fits in memory"
    assert stage.rows["Q8_0"].mark.short.startswith("\u2248")


def test_one_check_is_made_at_a_time_the_chosen_first(make):
    stage = make().open_repository(SMALL, LARGE)
    asked = [one.source.files[0].url for one in stage.fit.asked if "acme" in one.source.files[0].url]
    assert asked == ["https://hub/acme/tiny-GGUF/Q4_K_M/0"]
    stage.fit.answer()
    assert stage.fit.asked[-1].source.files[0].url.endswith("/Q8_0/0")


def test_a_slider_is_followed_at_once_and_planned_exactly_when_it_rests(make, qtbot):
    stage = make().open_repository(SMALL)
    stage.answer_all()
    slider = stage.find(QSlider, "context_slider")
    asked = len(stage.fit.asked)
    for _step in range(3):
        qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert stage.find(IntField, "context_number").value() == 4096
    qtbot.waitUntil(lambda: stage.fit.asked[-1].wishes.get("n_ctx") == 4096)
    assert len(stage.fit.asked) - asked <= 2


def test_what_is_by_hand_can_be_made_automatic_again(make, qtbot):
    stage = make().open_repository(SMALL)
    stage.answer_all()
    qtbot.keyClick(stage.find(QSlider, "context_slider"), Qt.Key.Key_Left)
    assert stage.find(QPushButton, "context_origin").text() == "Yours"
    stage.click("reset_plan_button")
    assert stage.find(QPushButton, "context_origin").text() == "Automatic"


def test_a_change_that_would_make_it_fit_is_made_with_one_click(make, qtbot):
    stage = make(plan=examples.TOO_LARGE).open_repository(SMALL)
    stage.fit.answer()
    stage.click("fit_change_0")
    qtbot.waitUntil(lambda: stage.fit.asked[-1].wishes.get("n_ctx") == 32768)


def test_a_failed_check_says_why_and_is_made_again(make):
    stage = make().open_repository(SMALL)
    stage.fit.answer(fakes.CodedError("timeout", "The header reader gave no answer", "It was ended after 60 seconds."))
    assert stage.words("fit_verdict") == "The header reader gave no answer"
    asked = len(stage.fit.asked)
    stage.click("fit_retry_button")
    assert len(stage.fit.asked) == asked + 1


def test_settings_that_cannot_be_planned_can_be_left_again(make, qtbot):
    stage = make().open_repository(SMALL)
    stage.answer_all()
    slider = stage.find(QSlider, "context_slider")
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: stage.fit.asked[-1].wishes.get("n_ctx") == 65536)
    stage.fit.answer(fakes.CodedError("ended", "llama.cpp's planning ended before it was done"))
    assert "the exact check failed: llama.cpp's planning ended" in stage.words("fit_reason")
    assert slider.isVisible()


def test_engine_defaults_are_kept_and_said_to_be_from_the_settings(make):
    stage = make(settings=Settings(load=LoadSettings(n_ctx=16384))).open_repository(SMALL)
    assert stage.fit.asked[-1].wishes == {"n_ctx": 16384}
    stage.fit.answer()
    assert stage.find(QPushButton, "context_origin").text() == "Settings"


# --- downloading --------------------------------------------------------------------------------------------


def test_a_download_says_its_size_and_what_stays_free(make):
    stage = make().open_repository(SMALL)
    stage.fit.answer()
    assert stage.find(QPushButton, "download_button").text() == "Download 48.4 GB"
    assert stage.action.detail == "252 GB stay free in /own"
    stage.click("download_button")
    assert stage.queue.done == [("add", "Q4_K_M", "/own/acme/tiny-GGUF", "")]


def test_what_the_disk_cannot_hold_cannot_be_downloaded(make):
    stage = make().open_repository(fakes.variant("F32", 320.0))
    assert not stage.find(QPushButton, "download_button").isEnabled()
    assert "20.0 GB more than is free in /own" in stage.action.detail


def test_a_download_can_be_paused_resumed_and_cancelled(make):
    stage = make(downloads=[fakes.download(SMALL, done=20.8, speed=84e6, eta_s=300)]).open_repository(SMALL)
    assert stage.action.detail == "20.8 GB of 48.4 GB, 84 MB/s, 5 min left"
    assert stage.rows["Q4_K_M"].state_words == "Fetching 42 %"
    stage.click("pause_button")
    assert stage.queue.downloads[0].state == "paused"
    stage.click("resume_button")
    stage.click("cancel_download_button")
    assert stage.words("action_question") == "Stop the download. Keep the 20.8 GB fetched so far?"
    stage.click("keep_partial_button")
    assert stage.queue.done == [("cancel", 1, True)]


def test_downloads_go_on_when_the_dialog_is_closed_and_are_seen_in_the_status_bar(make):
    stage = make(downloads=[fakes.download(SMALL, done=24.2)]).open()
    stage.dialog.close()
    button = stage.window.status.downloads
    assert button.isVisible()
    assert button.text() == "50 %"
    button.click()
    assert stage.dialog.isVisible()
    assert stage.dialog.listing.table.chosen in {"Q4_K_M", ""}


def test_a_failed_download_says_why_and_what_to_do(make):
    stage = make(downloads=[fakes.download(SMALL)]).open_repository(SMALL)
    stage.queue.change(1, state="failed", problem="The disk is full.", hint="Make room.")
    stage.downloads.handle()
    notice = stage.window.notices.notices()[-1]
    assert notice.title == "The download of acme/tiny-GGUF Q4_K_M failed"
    assert (notice.message, notice.hint) == ("The disk is full.", "Make room.")
    assert [action.text for action in notice.actions] == ["Try again", "Show"]


def test_a_finished_download_is_looked_for_on_disk_and_can_be_loaded(make):
    stage = make(downloads=[fakes.download(SMALL)]).open_repository(SMALL)
    stage.disk.models.append(fakes.on_disk("Q4_K_M", 48.4))
    stage.queue.change(1, state="done", path="/models/acme/tiny-GGUF/Q4_K_M.gguf")
    stage.downloads.handle()
    assert stage.find(QPushButton, "load_button").isVisible()
    assert [notice.title for notice in stage.window.notices.notices()] == ["A model has been downloaded"]


def test_closing_the_window_asks_while_something_is_downloaded(make):
    stage = make(downloads=[fakes.download(SMALL, done=8.4)])
    stage.window.close()
    assert stage.window.isVisible()
    asked = stage.window.findChild(QLabel, "quit_words")
    assert asked.text() == "acme/tiny-GGUF Q4_K_M is being downloaded; 40.0 GB are missing."
    stage.window.findChild(QPushButton, "quit_anyway_button").click()
    assert not stage.window.isVisible()


def test_closing_the_window_asks_nothing_when_downloads_are_paused(make):
    stage = make(downloads=[fakes.download(SMALL, "paused")])
    stage.window.close()
    assert not stage.window.isVisible()


# --- on disk ------------------------------------------------------------------------------------------------


def test_what_is_on_disk_is_listed_with_its_place_and_loaded_as_planned(make, qtbot):
    model = fakes.on_disk("Q4_K_M", 48.4, place="lmstudio")
    stage = make(model).open_repository(SMALL)
    entry = next(entry for entry in stage.dialog.picker.entries if entry.kind == "local")
    assert entry.detail == "48.4 GB, LM Studio"
    stage.answer_all()
    qtbot.keyClick(stage.find(QSlider, "context_slider"), Qt.Key.Key_Left)
    stage.click("load_button")
    ((path, settings),) = stage.model.loads
    assert path == model.path
    assert settings.n_ctx == 16384
    assert stage.fit.rests == 1
    assert stage.settings.settings.wishes == {model.path: {"n_ctx": 16384}}
    assert not stage.dialog.isVisible()


def test_a_load_waits_for_the_check_that_says_how(make):
    stage = make(fakes.on_disk("Q4_K_M", 48.4)).open_repository(SMALL)
    stage.click("load_button")
    assert not stage.model.loads
    assert stage.action.words == "Q4_K_M is loaded once it has been checked"
    stage.fit.answer()
    ((_path, settings),) = stage.model.loads
    assert settings == examples.FITS.settings


def test_a_load_that_waits_is_forgotten_when_another_variant_is_chosen(make):
    stage = make(fakes.on_disk("Q4_K_M", 48.4), fakes.on_disk("Q8_0", 84.8)).open_repository(SMALL, LARGE)
    stage.control._choose("Q4_K_M")
    stage.click("load_button")
    stage.control._choose("Q8_0")
    stage.answer_all()
    assert not stage.model.loads


def test_what_was_chosen_for_a_model_is_there_again(make):
    model = fakes.on_disk("Q4_K_M", 48.4)
    stage = make(model, settings=Settings(wishes={model.path: {"n_ctx": 4096}})).open()
    stage.control._on_selected(f"local:{model.path}")
    assert stage.fit.asked[-1].wishes == {"n_ctx": 4096}


def test_enter_on_a_variant_does_what_the_main_button_does(make, qtbot):
    stage = make(fakes.on_disk("Q4_K_M", 48.4)).open_repository(SMALL)
    stage.answer_all()
    qtbot.keyClick(stage.find(QTreeView, "variant_table"), Qt.Key.Key_Return)
    assert [path for path, _settings in stage.model.loads] == ["/models/acme/tiny-GGUF/Q4_K_M.gguf"]


def test_a_model_with_missing_shards_cannot_be_loaded(make):
    stage = make(fakes.on_disk("Q4_K_M", 12.1, missing=("tiny-Q4_K_M-3.gguf",))).open()
    stage.control._on_selected("local:/models/acme/tiny-GGUF/Q4_K_M.gguf")
    assert not stage.find(QPushButton, "load_button").isVisible()
    assert stage.action.detail == "Missing: tiny-Q4_K_M-3.gguf"


def test_a_downloaded_model_is_deleted_only_after_a_question(make):
    model = fakes.on_disk("Q4_K_M", 48.4)
    stage = make(model).open_repository(SMALL)
    stage.answer_all()
    stage.dialog.actions_bar._on_remove_chosen()
    assert not stage.removal.removed
    stage.click("delete_button")
    assert stage.removal.removed == [("/own", model.files)]


def test_a_question_is_dropped_when_another_variant_is_chosen(make):
    models = [fakes.on_disk("Q4_K_M", 48.4), fakes.on_disk("Q8_0", 84.8)]
    stage = make(*models).open_repository(SMALL, LARGE)
    stage.answer_all()
    stage.dialog.actions_bar._on_remove_chosen()
    assert stage.find(QPushButton, "delete_button").isVisible()
    stage.control._choose("Q4_K_M")
    assert not stage.find(QPushButton, "delete_button").isVisible()


def test_models_of_others_are_never_deleted(make):
    stage = make(fakes.on_disk("Q4_K_M", 48.4, place="ollama")).open_repository(SMALL)
    assert stage.action.remove_words == ""


def test_the_command_of_llama_server_says_where_each_flag_is_from(make, qtbot):
    stage = make(fakes.on_disk("Q4_K_M", 48.4)).open_repository(SMALL)
    stage.answer_all()
    qtbot.keyClick(stage.find(QSlider, "context_slider"), Qt.Key.Key_Left)
    stage.dialog.actions_bar.copy_command_requested.emit()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert "# --ctx-size 16384: you" in lines
    assert "# --parallel 1: default" in lines
    assert lines[-1].startswith("llama-server --model /models/acme/tiny-GGUF/Q4_K_M.gguf --ctx-size 16384")


def test_prediction_and_outcome_are_shown_after_the_load(make):
    model = fakes.on_disk("Q4_K_M", 48.4)
    stage = make(model).open_repository(SMALL)
    stage.answer_all()
    stage.click("load_button")
    stage.control.handle(Unloaded())  # of the model before
    stage.control.handle(loaded("/models/another.gguf"))  # which had still been loading
    stage.control.handle(loaded(model.path))
    stage.control.open()
    assert stage.outcome[:8] == ["After the last load", "Predicted", "Actual", "Difference",
                                 "Memory in all", "50.0 GB", "51.0 GB", "-2.0 %"]  # fmt: skip
    stage.control.handle(finished(tokens=160, seconds=10.0))
    assert stage.outcome[8:] == ["Writing", "14\u201321 tok/s", "16 tok/s", "as predicted"]
    stage.control.handle(Unloaded())
    assert stage.outcome == []


def loaded(path):
    """Return the engine's word that a model is ready."""
    return Loaded(
        model=ModelInfo(
            path=path, name="tiny", fingerprint="", architecture="llama", description="", size_bytes=1, n_params=1,
            n_layer=1, n_ctx=4096, n_ctx_train=4096, n_vocab=1, chat_template="", has_own_template=False,
            is_recurrent=False, supports_tools=False, memory={}, sampling={}, load_seconds=1.0, settings=LoadSettings(),
        )
    )  # fmt: skip


def finished(tokens, seconds):
    """Return the engine's word that a reply is complete."""
    stats = Stats(
        prompt_tokens=10, reused_tokens=0, processed_tokens=10, prompt_seconds=0.1, generated_tokens=tokens,
        generate_seconds=seconds, context_tokens=100,
    )  # fmt: skip
    return Finished(stats=stats, reason="eos", token_ids=())


def test_model_folders_are_in_the_settings(make):
    stage = make().open()
    stage.click("model_folders_button")
    assert stage.shown_pages == ["Models"]
