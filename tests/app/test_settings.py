"""Settings and presets survive restarts, damage and newer versions."""

import json

import pytest

from app.engine.messages import LoadSettings
from app.errors import AppError
from app.presets import Presets
from app.settings import SettingsFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "settings.json"


def test_what_was_changed_is_there_after_a_restart(path):
    SettingsFile(path).change(theme="dark", sampling={"top_k": 10})
    again = SettingsFile(path)
    assert (again.settings.theme, again.settings.sampling, again.notices) == ("dark", {"top_k": 10}, [])


def test_a_damaged_file_is_kept_aside_and_defaults_are_used(path):
    path.parent.mkdir()
    path.write_bytes(b"\x00\xffnot json")
    file = SettingsFile(path)
    assert file.settings.theme == "system"
    assert "could not be read" in file.notices[0].title
    assert path.with_name("settings.json.bad").read_bytes() == b"\x00\xffnot json"


def test_a_slip_in_one_field_does_not_cost_the_others(path):
    path.parent.mkdir()
    path.write_text(json.dumps({"theme": "purple", "text_scale": 1.25, "load": {"n_ctx": "many"}}))
    file = SettingsFile(path)
    assert (file.settings.theme, file.settings.text_scale, file.settings.load) == ("system", 1.25, LoadSettings())
    assert len(file.notices) == 2


def test_fields_of_a_newer_version_are_kept(path):
    path.parent.mkdir()
    path.write_text(json.dumps({"from_the_future": [1, 2]}))
    SettingsFile(path).change(theme="light")
    assert json.loads(path.read_text())["from_the_future"] == [1, 2]


def test_recent_models_are_latest_first_and_keep_their_settings(path):
    file = SettingsFile(path)
    for name in "abcdefghijkl":
        file.replace(file.settings.with_recent(name, LoadSettings(n_ctx=len(file.settings.recent_models))))
    file.replace(file.settings.with_recent("k", LoadSettings(n_ctx=77)))
    assert [model.path for model in file.settings.recent_models] == list("kljihgfedc")
    assert SettingsFile(path).settings.load_settings_for("k").n_ctx == 77
    assert file.settings.load_settings_for("zzz") == LoadSettings()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(AppError, match="could not be saved"):
        SettingsFile(blocker / "settings.json").change(theme="dark")


def test_presets_are_saved_by_name_and_found_by_values(tmp_path):
    presets = Presets(tmp_path / "presets.json")
    presets.save("Mine", {"temperature": 0.3})
    again = Presets(tmp_path / "presets.json")
    assert again.values("Mine") == {"temperature": 0.3}
    assert again.name_of({"temperature": 0.3}) == "Mine"
    assert again.name_of({"temperature": 0.31}) == ""
    again.delete("Mine")
    assert "Mine" not in Presets(tmp_path / "presets.json").names


def test_presets_that_ship_cannot_be_overwritten(tmp_path):
    with pytest.raises(AppError, match="cannot be saved"):
        Presets(tmp_path / "presets.json").save("Precise", {})


def test_presets_drop_fields_that_are_not_understood(tmp_path):
    (tmp_path / "presets.json").write_text(json.dumps({"x": {"temperature": "hot", "top_k": 5, "nope": 1}}))
    assert Presets(tmp_path / "presets.json").values("x") == {"top_k": 5}
