"""Connects the model dialog: what can be chosen, what it needs here, fetching it, loading it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.catalog.cards import Card
from app.catalog.variants import LocalModel, Variant
from app.download.values import Download
from app.engine.messages import AnyEvent, Died, Finished, Loaded, Unloaded
from app.engine.process import EngineProcess
from app.engine.server_command import server_command
from app.errors import AppError
from app.fit.values import Change, FitPlan
from app.settings import SettingsFile
from ui.control.action_states import action_of
from ui.control.download_control import DownloadControl
from ui.control.fit_control import FitControl
from ui.control.listing_control import Listing, ListingControl, wants_token
from ui.control.model_control import ModelControl
from ui.control.model_services import Describe
from ui.control.model_state import ModelState
from ui.control.outcome import outcome_of
from ui.control.picker_entries import card_key, download_key, make_entries, repository_key, sorted_cards
from ui.control.shown_model import ShownModel, of_card, of_local
from ui.main_window import MainWindow
from ui.models.model_dialog import ModelDialog
from ui.models.wishes import Wishes
from ui.theme import Theme
from ui.widgets.throttle import Throttle

#: How long a slider rests before llama.cpp is asked; the picture follows it at once all the same.
EXACT_INTERVAL_MS = 200
#: A reply of fewer tokens says nothing of speed.
MOST_BRIEF = 32


@dataclass
class PlannedRun:
    """A load that was planned, and how it turned out.

    Attributes:
        taken: (device, predicted bytes, actual bytes) once it is loaded.
    """

    path: str
    plan: FitPlan
    taken: Sequence[tuple[str, int, int]] = ()
    tokens_per_second: float | None = None


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
        describe: Describe,
        own_folder: str,
        folder_for: Callable[[str, Variant], str],
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
        self._describe = describe
        self._own_folder = own_folder
        self._folder_for = folder_for
        self._show_settings = show_settings
        self._dialog: ModelDialog | None = None
        self._state: ModelState | None = None
        self._card_plans: dict[str, FitPlan] = {}
        self._run: PlannedRun | None = None
        self._ask = Throttle[None](EXACT_INTERVAL_MS, lambda _none: self._want(), self)
        listings.listed.connect(lambda _text: self._refresh())
        listings.searched.connect(self._show_entries)
        listings.scanned.connect(self._refresh)
        fit.answered.connect(self._on_answered)
        downloads.changed.connect(self._refresh)
        downloads.finished.connect(lambda _download: self._listings.scan())
        downloads.removed.connect(self._listings.scan)
        fit.probed.connect(self._on_probed)
        downloads.shown.connect(self.show_download)
        model.model_changed.connect(self._refresh)
        window.close_requested.connect(self._on_window_close_requested)

    # --- verbs ------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Show the dialog."""
        dialog = self._dialog or self._make_dialog()
        self._listings.scan()
        self._fit.look()
        if self._state is None:
            best = sorted_cards(self._cards, self._fit.machine, self._card_plans)
            self._select(card_key(best[0]))
        self._refresh()
        dialog.open()
        dialog.picker.focus_field()

    def show_download(self, download: Download | None) -> None:
        """Show the dialog, at a download if one is given."""
        self.open()
        first = next((one for one in self._downloads.downloads if one.state != "done"), None)
        if wanted := download or first:
            self._select(download_key(wanted))

    def show_repository(self, text: str) -> None:
        """Show the dialog at a repository."""
        self.open()
        self._submit(text)

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine: how a planned load turned out."""
        run = self._run
        if run is None:
            return
        match event:
            case Loaded(model=model) if model.path == run.path:
                run.taken = self._fit.loaded(run.plan, model)
                self._refresh()
            case Finished(stats=stats) if run.taken:
                self._fit.replied(run.plan, stats)
                if stats.generate_seconds > 0 and stats.generated_tokens >= MOST_BRIEF:
                    run.tokens_per_second = stats.generated_tokens / stats.generate_seconds
                    self._refresh()
            case Loaded() | Unloaded() | Died():
                self._run = None
            case _:
                pass

    def stop(self) -> None:
        """Ask nothing any more."""
        self._ask.drop()
        self._fit.stop()

    # --- putting it together ----------------------------------------------------------------------------

    def _make_dialog(self) -> ModelDialog:
        dialog = self._dialog = ModelDialog(self._theme, self._window)
        dialog.restore(self._settings.settings.model_dialog)
        dialog.closed.connect(self._on_dialog_closed)
        picker, fit, bar = dialog.picker, dialog.fit, dialog.actions_bar
        picker.selected.connect(self._select)
        picker.submitted.connect(self._submit)
        picker.folders_requested.connect(lambda: self._show_settings("Models"))
        picker.file_requested.connect(self._model.choose_file)
        picker.refresh_requested.connect(self._on_rescan_requested)
        dialog.card.link_requested.connect(lambda address: QDesktopServices.openUrl(QUrl(address)))
        dialog.listing.variant_selected.connect(self._choose)
        dialog.listing.variant_opened.connect(self._on_variant_opened)
        dialog.listing.retry_requested.connect(self._list_again)
        dialog.listing.token_given.connect(self._take_token)
        fit.wishes_changed.connect(self._on_wishes_changed)
        fit.change_requested.connect(self._on_change_requested)
        fit.reset_requested.connect(self._on_reset_requested)
        fit.retry_requested.connect(self._check_again)
        bar.download_requested.connect(self._download)
        bar.load_requested.connect(self._load)
        bar.pause_requested.connect(lambda: self._with_download(self._downloads.pause))
        bar.resume_requested.connect(lambda: self._with_download(self._downloads.resume))
        bar.cancel_requested.connect(
            lambda keep: self._with_download(lambda download: self._downloads.cancel(download, keep=keep))
        )
        bar.verify_requested.connect(self._verify)
        bar.remove_requested.connect(self._remove)
        bar.show_folder_requested.connect(self._show_folder)
        bar.copy_command_requested.connect(self._copy_command)
        return dialog

    # --- choosing ---------------------------------------------------------------------------------------

    def _select(self, key: str) -> None:
        shown = self._shown_of(key)
        if shown is None:
            return
        hand = self._settings.settings.wishes.get(shown.local.path, {}) if shown.local else {}
        self._state = ModelState(shown, self._fit, self._describe, self._settings.settings.load, hand)
        kind, _colon, number = key.partition(":")
        if kind == "download":
            download = next((one for one in self._downloads.downloads if str(one.id) == number), None)
            if download is not None:
                self._state.choose(download.variant.quantization)
        self._refresh()
        self._want()

    def _shown_of(self, key: str) -> ShownModel | None:
        kind, _colon, rest = key.partition(":")
        match kind:
            case "card":
                card = next((card for card in self._cards if card.id == rest), None)
                return of_card(key, card) if card else None
            case "local":
                model = next((model for model in self._listings.models if model.path == rest), None)
                return of_local(key, self._cards, model) if model else None
            case "repository":
                return ShownModel(key, None, (rest,))
            case "download":
                download = next((one for one in self._downloads.downloads if str(one.id) == rest), None)
                if download is None:
                    return None
                variant = download.variant
                text = f"docker.io/{variant.repository}" if variant.source == "docker" else variant.repository
                card = next((card for card in self._cards if text in card.repositories), None)
                return ShownModel(key, card, (text,))
        return None

    def _submit(self, text: str) -> None:
        if "/" not in text or " " in text.strip():
            self._listings.search(text)
            return
        try:
            self._listings.parse(text)
        except AppError as error:
            self._window.notices.show_error(error)
            return
        self._remember(text)
        if self._dialog is not None:
            self._dialog.picker.clear_field()
        self._select(repository_key(text))

    def _remember(self, text: str) -> None:
        self._try(lambda: self._settings.replace(self._settings.settings.with_repository(text)))

    def _choose(self, key: str) -> None:
        if self._state is not None:
            self._state.choose(key)
            self._refresh()
            self._want()

    def _on_variant_opened(self, key: str) -> None:
        """Do with Enter what the main button does."""
        self._choose(key)
        state = self._dialog.actions_bar.state if self._dialog else None
        if state is not None and state.kind == "here" and state.can_load:
            self._load()
        elif state is not None and state.kind == "away" and state.can_download:
            self._download()

    # --- showing ----------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Show everything as it is known by now."""
        dialog, state = self._dialog, self._state
        if dialog is None or state is None:
            return
        listing, text = self._listing(state.shown)
        models = state.shown.models(self._cards, self._listings.models)
        state.update(listing.repository if listing else None, models, self._downloads.downloads)
        if state.shown.card is not None and state.shown.local is None and (plan := state.plan):
            self._card_plans[state.shown.card.id] = plan
        self._show_entries()
        dialog.show_model(True)
        address = f"https://huggingface.co/{text}" if text and "docker.io" not in text else ""
        dialog.card.show_facts(state.shown.facts(state.repository, state.outline, address))
        self._show_listing(dialog, state, listing)
        self._show_fit(dialog, state)
        self._show_action(dialog, state)
        dialog.share_height()

    def _listing(self, shown: ShownModel) -> tuple[Listing | None, str]:
        """Return the listing of the first repository that can be listed, and its name."""
        last: tuple[Listing | None, str] = (None, "")
        for text in shown.repositories:
            last = (self._listings.listing(text), text)
            error = last[0].error if last[0] else None
            if error is None or getattr(error, "code", "") not in {"not_found", "no_models"}:
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

    def _show_listing(self, dialog: ModelDialog, state: ModelState, listing: Listing | None) -> None:
        view = dialog.listing
        error = listing.error if listing else None
        if state.choices:
            choice = state.choice
            view.show_rows(state.rows(), choice.key if choice else "")
        elif listing is not None and listing.is_loading:
            view.show_loading("Reading the list of files \u2026")
        else:
            view.show_nothing("No variants to choose", "There is nothing here that llama.cpp could load.")
        if error is None:
            view.hide_problem()
            return
        rounded = " The sizes below are those of the model card." if any(c.is_rounded for c in state.choices) else ""
        words = " ".join(part for part in (error.message, error.hint) if part) + rounded
        view.show_problem(error.title, words, wants_token=wants_token(error))

    def _show_fit(self, dialog: ModelDialog, state: ModelState) -> None:
        checked, values, choice = state.checked, state.values(), state.choice
        pane = dialog.fit
        pane.setVisible(choice is not None)
        if checked is not None and values is not None:
            pane.show_plan(checked.plan, values, Wishes.of(state.hand), is_stale=not state.is_exact)
        elif state.problem is not None:
            pane.show_problem(state.problem.title, f"{state.problem.message} {state.problem.hint}".strip())
        elif choice is not None and choice.source is None:
            pane.show_waiting("Its files must be listed, or be there, before it can be checked.")
        else:
            pane.show_checking("Reading the header and having llama.cpp plan the load \u2026")
        pane.show_outcome(self._outcome(choice.local if choice else None))

    def _outcome(self, local: LocalModel | None) -> list[Any]:
        run = self._run
        if run is None or local is None or local.path != run.path or not run.taken:
            return []
        return outcome_of(run.plan, run.taken, run.tokens_per_second)

    def _show_action(self, dialog: ModelDialog, state: ModelState) -> None:
        machine, choice, model = self._fit.machine, state.choice, self._engine.model
        is_loaded = bool(model and choice and choice.local and choice.local.path == model.path)
        free = machine.disk_free_bytes if machine else None
        action = action_of(choice, state.plan, folder=self._folder, disk_free=free or None, is_loaded=is_loaded)
        dialog.actions_bar.show_state(action)

    # --- checking ---------------------------------------------------------------------------------------

    def _on_probed(self) -> None:
        self._refresh()
        self._want()

    def _want(self) -> None:
        self._fit.want(self._state.questions() if self._state else ())

    def _on_answered(self) -> None:
        self._refresh()
        self._want()

    def _on_wishes_changed(self, wishes: Wishes) -> None:
        if self._state is not None:
            self._state.wish(wishes)
            self._follow()

    def _on_change_requested(self, change: Change) -> None:
        if self._state is not None:
            self._state.change(change)
            self._follow()

    def _on_reset_requested(self) -> None:
        if self._state is not None:
            self._state.reset()
            self._follow()

    def _follow(self) -> None:
        """Show the change at once, and have it planned exactly when it rests."""
        self._refresh()
        self._ask.call(None)

    def _check_again(self) -> None:
        state = self._state
        question = state.question(state.choice) if state and state.choice else None
        if question is not None:
            self._fit.retry(question)
            self._refresh()
            self._want()

    # --- listing again ----------------------------------------------------------------------------------

    def _list_again(self) -> None:
        if self._state is not None:
            for text in self._state.shown.repositories:
                known = self._listings.known(text)
                if known is not None and known.error is not None:
                    self._listings.list_again(text)

    def _take_token(self, token: str) -> None:
        self._listings.token = token
        self._fit.set_token(token)
        self._downloads.set_token(token)
        self._list_again()

    def _on_rescan_requested(self) -> None:
        self._listings.scan()
        self._show_entries()

    # --- fetching and loading ---------------------------------------------------------------------------

    @property
    def _folder(self) -> str:
        return self._settings.settings.download_folder or self._own_folder

    def _download(self) -> None:
        choice = self._state.choice if self._state else None
        if choice is not None and choice.variant is not None:
            variant = choice.variant
            self._try(lambda: self._downloads.add(variant, self._folder_for(self._folder, variant)))

    def _with_download(self, verb: Callable[[Download], object]) -> None:
        choice = self._state.choice if self._state else None
        if choice is not None and choice.download is not None:
            verb(choice.download)

    def _load(self) -> None:
        state = self._state
        choice = state.choice if state else None
        if state is None or choice is None or choice.local is None:
            return
        path, plan = choice.local.path, state.plan
        wishes = {**self._settings.settings.wishes, path: dict(state.hand)}
        self._try(lambda: self._settings.change(wishes=wishes))
        if plan is None:
            self._model.load(path)
        else:
            self._run = PlannedRun(path, plan)
            self._fit.begin_load()
            self._model.load_with(path, plan.settings)
        if self._dialog is not None:
            self._dialog.close()

    def _verify(self) -> None:
        self._with_download(self._downloads.verify)

    def _remove(self) -> None:
        choice = self._state.choice if self._state else None
        if choice is not None and choice.local is not None:
            self._downloads.remove(choice.local, self._folder)

    def _show_folder(self) -> None:
        choice = self._state.choice if self._state else None
        if choice is None:
            return
        folder = choice.download.folder if choice.download else ""
        if choice.local is not None:
            folder = str(Path(choice.local.path).parent)
        if folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    def _copy_command(self) -> None:
        state = self._state
        if state is None or state.choice is None or (plan := state.plan) is None:
            return
        choice = state.choice
        path = choice.local.path if choice.local else ""
        if choice.local is None and choice.variant is not None:
            path = str(Path(self._folder) / choice.variant.files[0].name)
        origins = origins_of(state.hand, self._settings.settings.load)
        QGuiApplication.clipboard().setText(server_command(path, plan.settings, origins))
        self._window.notices.show_info(
            "The llama-server command was copied", "Above it stands where each flag is from."
        )

    # --- the rest ---------------------------------------------------------------------------------------

    def _on_dialog_closed(self) -> None:
        if self._dialog is not None:
            state = self._dialog.state()
            self._try(lambda: self._settings.change(model_dialog=state))

    def _on_window_close_requested(self) -> None:
        if self._dialog is not None:
            self._dialog.close()

    def _try(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except AppError as error:
            self._window.notices.show_error(error)


def origins_of(hand: Mapping[str, Any], defaults: Any) -> dict[str, str]:
    """Return who chose each setting of a plan, in words."""
    own = type(defaults)()
    names = defaults.__struct_fields__
    origins = dict.fromkeys(names, "automatic")
    origins |= {name: "engine defaults" for name in names if getattr(defaults, name) != getattr(own, name)}
    return origins | dict.fromkeys(hand, "you")
