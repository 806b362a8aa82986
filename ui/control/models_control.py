"""Connects the model dialog: what can be chosen, what it needs here, fetching it, loading it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from app.catalog.cards import Card
from app.download.values import Download
from app.engine.messages import AnyEvent
from app.engine.process import EngineProcess
from app.errors import AppError
from app.fit.values import Change, FitPlan
from app.settings import SettingsFile
from ui.control.action_states import action_of
from ui.control.choice_verbs import ChoiceVerbs
from ui.control.download_control import DownloadControl
from ui.control.fit_control import FitControl
from ui.control.listing_control import Listing, ListingControl
from ui.control.model_control import ModelControl
from ui.control.model_services import Describe
from ui.control.model_state import ModelState
from ui.control.model_view import show_fit, show_listing
from ui.control.picker_entries import card_key, download_key, make_entries, repository_key
from ui.control.planned_run import PlannedRun
from ui.control.rough_fit import sorted_cards
from ui.control.shown_model import ShownModel, find_shown
from ui.main_window import MainWindow
from ui.models.fit_pane import Outcome
from ui.models.model_dialog import ModelDialog
from ui.models.wishes import Wishes
from ui.theme import Theme
from ui.widgets.throttle import Throttle

#: How long a slider rests before llama.cpp is asked; the picture follows it at once all the same.
EXACT_INTERVAL_MS = 200
#: Failures of a listing after which another repository of the same model is tried.
_TRY_NEXT = frozenset({"not_found", "no_models"})


class ModelsControl(QObject):
    """Opens the dialog when it is asked for; until then there is none, and no child process runs for it."""

    def __init__(
        self,
        theme: Theme,
        window: MainWindow,
        settings: SettingsFile,
        cards: Sequence[Card],
        engine: EngineProcess,
        model: ModelControl,
        listings: ListingControl,
        fit: FitControl,
        downloads: DownloadControl,
        verbs: ChoiceVerbs,
        run: PlannedRun,
        describe: Describe,
        show_settings: Callable[[str], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._window = window
        self._settings = settings
        self._cards = cards
        self._engine = engine
        self._model = model
        self._listings = listings
        self._fit = fit
        self._downloads = downloads
        self._verbs = verbs
        self._run = run
        self._describe = describe
        self._show_settings = show_settings
        self._dialog: ModelDialog | None = None
        self._state: ModelState | None = None
        self._is_selected_by_hand = False
        self._loads_when_checked = ""  # the key of the choice
        self._card_plans: dict[str, FitPlan] = {}
        self._ask = Throttle[None](EXACT_INTERVAL_MS, lambda _none: self._on_known(), self)
        listings.listed.connect(self._on_known)
        listings.searched.connect(self._show_entries)
        listings.scanned.connect(self._on_known)
        fit.answered.connect(self._on_known)
        fit.probed.connect(self._on_probed)
        downloads.changed.connect(self._refresh)
        downloads.finished.connect(listings.scan)
        downloads.removed.connect(listings.scan)
        downloads.shown.connect(self.show_download)
        run.changed.connect(self._refresh)
        model.model_changed.connect(self._refresh)
        window.close_requested.connect(self._on_window_close_requested)

    # --- verbs ------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Show the dialog."""
        dialog = self._dialog or self._make_dialog()
        self._listings.scan()
        self._fit.look()
        if self._state is None:
            self._select_best()
        self._refresh()
        dialog.open()
        dialog.picker.focus_field()

    def show_download(self, download: Download | None) -> None:
        """Show the dialog, at a download if one is given, else at the first that is not done."""
        self.open()
        first = next((one for one in self._downloads.downloads if one.state != "done"), None)
        if wanted := download or first:
            self._on_selected(download_key(wanted))

    def show_repository(self, text: str) -> None:
        """Show the dialog at a repository."""
        self.open()
        self._on_submitted(text)

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        self._run.handle(event)

    def stop(self) -> None:
        """Ask nothing any more."""
        self._ask.drop()
        self._fit.stop()

    # --- putting it together ----------------------------------------------------------------------------

    def _make_dialog(self) -> ModelDialog:
        dialog = self._dialog = ModelDialog(self._theme, self._window)
        dialog.restore(self._settings.settings.model_dialog)
        dialog.closed.connect(self._on_dialog_closed)
        dialog.card.link_requested.connect(lambda address: QDesktopServices.openUrl(QUrl(address)))
        picker, listing, fit = dialog.picker, dialog.listing, dialog.fit
        picker.selected.connect(self._on_selected)
        picker.submitted.connect(self._on_submitted)
        picker.folders_requested.connect(lambda: self._show_settings("Models"))
        picker.file_requested.connect(self._model.choose_file)
        picker.refresh_requested.connect(self._on_refresh_requested)
        listing.variant_selected.connect(self._choose)
        listing.variant_opened.connect(self._on_variant_opened)
        listing.retry_requested.connect(self._list_again)
        listing.token_given.connect(self._on_token_given)
        fit.wishes_changed.connect(self._on_wishes_changed)
        fit.change_requested.connect(self._on_change_requested)
        fit.reset_requested.connect(self._on_reset_requested)
        fit.retry_requested.connect(self._on_fit_retry_requested)
        self._connect_actions(dialog)
        return dialog

    def _connect_actions(self, dialog: ModelDialog) -> None:
        bar, verbs, downloads = dialog.actions_bar, self._verbs, self._downloads
        bar.download_requested.connect(lambda: self._with_state(verbs.download))
        bar.load_requested.connect(self._load)
        bar.pause_requested.connect(lambda: self._with_download(downloads.pause))
        bar.resume_requested.connect(lambda: self._with_download(downloads.resume))
        bar.cancel_requested.connect(
            lambda keep: self._with_download(lambda download: downloads.cancel(download, keep=keep))
        )
        bar.verify_requested.connect(lambda: self._with_download(downloads.verify))
        bar.remove_requested.connect(lambda: self._with_state(verbs.remove))
        bar.show_folder_requested.connect(lambda: self._with_state(verbs.show_folder))
        bar.copy_command_requested.connect(lambda: self._with_state(verbs.copy_command))

    def _with_state(self, verb: Callable[[ModelState], object]) -> None:
        if self._state is not None:
            verb(self._state)

    def _with_download(self, verb: Callable[[Download], object]) -> None:
        self._with_state(lambda state: self._verbs.with_download(state, verb))

    # --- choosing ---------------------------------------------------------------------------------------

    def _on_selected(self, key: str) -> None:
        self._is_selected_by_hand = True
        self._select(key)

    def _select_best(self) -> None:
        """Show the card that fits best, until a person chooses."""
        best = sorted_cards(self._cards, self._fit.machine, self._card_plans)
        if best:
            self._select(card_key(best[0]))

    def _select(self, key: str) -> None:
        found = find_shown(key, self._cards, self._listings.models, self._downloads.downloads)
        if found is None:
            return
        shown, quantization = found
        self._loads_when_checked = ""
        hand = self._settings.settings.wishes.get(shown.local.path, {}) if shown.local else {}
        self._state = ModelState(shown, self._fit, self._describe, self._settings.settings.load, hand)
        if quantization:
            self._state.choose(quantization)
        self._on_known()

    def _on_submitted(self, text: str) -> None:
        if "/" not in text or " " in text.strip():
            self._listings.search(text)
            return
        try:
            self._listings.parse(text)
        except AppError as error:
            self._window.notices.show_error(error)
            return
        self._verbs.attempt(lambda: self._settings.replace(self._settings.settings.with_repository(text)))
        if self._dialog is not None:
            self._dialog.picker.clear_field()
        self._on_selected(repository_key(text))

    def _choose(self, key: str) -> None:
        if self._state is not None:
            self._state.choose(key)
            self._loads_when_checked = ""
            self._on_known()

    def _on_variant_opened(self, key: str) -> None:
        """Do with Enter what the main button does."""
        self._choose(key)
        action = self._dialog.actions_bar.state if self._dialog else None
        if action is not None and action.kind == "here" and action.can_load:
            self._load()
        elif action is not None and action.kind == "away" and action.can_download:
            self._with_state(self._verbs.download)

    def _load(self) -> None:
        """Load the chosen variant as planned; where the check is not done yet, as soon as it is."""
        state, choice = self._state, self._state.choice if self._state else None
        self._loads_when_checked = ""
        if state is not None and choice is not None and state.is_being_checked:
            self._loads_when_checked = choice.key
            self._refresh()
            return
        if self._state is not None and self._verbs.load(self._state) and self._dialog is not None:
            self._dialog.close()

    # --- showing ----------------------------------------------------------------------------------------

    def _on_known(self, _what: object = None) -> None:
        """Show what is known now, ask for what is not, and load what waited for its check."""
        self._refresh()
        self._want()
        state, waiting = self._state, self._loads_when_checked
        if state is not None and waiting and not state.is_being_checked:
            self._loads_when_checked = ""
            if state.choice is not None and state.choice.key == waiting:
                self._load()

    def _refresh(self) -> None:
        """Show everything as it is known by now."""
        dialog, state = self._dialog, self._state
        if dialog is None or state is None:
            return
        shown = state.shown
        listing, text = self._listing(shown)
        models = shown.models(self._cards, self._listings.models)
        state.update(listing.repository if listing else None, models, self._downloads.downloads, self._fit.machine)
        if shown.card is not None and shown.local is None and state.is_exact and (plan := state.plan):
            self._card_plans[shown.card.id] = plan
        self._show_entries()
        dialog.show_model(True)
        address = f"https://huggingface.co/{text}" if text and "docker.io" not in text else ""
        dialog.card.show_facts(shown.facts(state.repository, state.outline, address))
        show_listing(dialog.listing, state, listing, has_token=self._listings.token is not None)
        show_fit(dialog.fit, state, self._outcome(state))
        self._show_action(dialog, state)
        dialog.share_height()

    def _outcome(self, state: ModelState) -> list[Outcome]:
        local = state.choice.local if state.choice else None
        return self._run.outcome(local.path) if local else []

    def _listing(self, shown: ShownModel) -> tuple[Listing | None, str]:
        """Return the listing of the first repository that can be listed, and its name."""
        last: tuple[Listing | None, str] = (None, "")
        for text in shown.repositories:
            listing = self._listings.listing(text)
            last = (listing, text)
            if getattr(listing.error, "code", "") not in _TRY_NEXT:
                break
        return last

    def _show_entries(self) -> None:
        if self._dialog is None or self._state is None:
            return
        entries = make_entries(
            self._cards,
            self._fit.machine,
            self._card_plans,
            self._listings.models,
            self._downloads.downloads,
            self._settings.settings.recent_repositories,
            self._listings.found,
            self._listings.search_note,
            is_scanning=self._listings.is_scanning,
        )
        self._dialog.show_entries(entries, self._state.shown.key)

    def _show_action(self, dialog: ModelDialog, state: ModelState) -> None:
        machine, choice, model = self._fit.machine, state.choice, self._engine.model
        is_loaded = bool(model and choice and choice.local and choice.local.path == model.path)
        free = machine.disk_free_bytes if machine else None
        dialog.actions_bar.show_state(
            action_of(
                choice,
                state.plan,
                folder=self._verbs.folder,
                disk_free=free or None,
                is_loaded=is_loaded,
                is_about_to_load=bool(choice and choice.key == self._loads_when_checked),
            )
        )

    # --- checking ---------------------------------------------------------------------------------------

    def _want(self) -> None:
        is_open = self._dialog is not None and self._dialog.isVisible()
        self._fit.want(self._state.questions() if self._state and is_open else ())

    def _on_probed(self) -> None:
        if not self._is_selected_by_hand:
            self._select_best()
        self._on_known()

    def _on_wishes_changed(self, wishes: Wishes) -> None:
        self._with_state(lambda state: state.wish(wishes))
        self._follow()

    def _on_change_requested(self, change: Change) -> None:
        self._with_state(lambda state: state.change(change))
        self._follow()

    def _on_reset_requested(self) -> None:
        self._with_state(lambda state: state.reset())
        self._follow()

    def _follow(self) -> None:
        """Show what the chosen variant needs at once; the others, and the exact plan, follow at their pace."""
        if self._state is not None and self._dialog is not None:
            self._state.forget_quick()
            show_fit(self._dialog.fit, self._state, self._outcome(self._state))
        self._ask.call(None)

    def _on_fit_retry_requested(self) -> None:
        state = self._state
        question = state.question(state.choice) if state and state.choice else None
        if question is not None:
            self._fit.retry(question)
            self._on_known()

    # --- listing again ----------------------------------------------------------------------------------

    def _list_again(self) -> None:
        for text in self._state.shown.repositories if self._state else ():
            known = self._listings.known(text)
            if known is not None and known.error is not None:
                self._listings.list_again(text)

    def _on_token_given(self, token: str) -> None:
        self._listings.token = token
        self._fit.set_token(token)
        self._downloads.set_token(token)
        self._list_again()

    def _on_refresh_requested(self) -> None:
        self._listings.scan()
        self._fit.look()
        self._show_entries()

    # --- the rest ---------------------------------------------------------------------------------------

    def _on_dialog_closed(self) -> None:
        self._want()
        if self._dialog is not None:
            state = self._dialog.state()
            self._verbs.attempt(lambda: self._settings.change(model_dialog=state))

    def _on_window_close_requested(self) -> None:
        if self._dialog is not None:
            self._dialog.close()
