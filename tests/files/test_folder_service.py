"""The open folder through its processes: listed, indexed, found; newer questions take the place of older ones."""

from __future__ import annotations

import pytest

from app.errors import AppError
from tests.files.folders import Desk, git, make_files


@pytest.fixture
def desk(tmp_path):
    """A service with a small folder open."""
    make_files(tmp_path, "app/main.py", "app/model.py", "docs/guide.md", "build/out.o", "README.md")
    (tmp_path / ".gitignore").write_text("build/\n")
    made = Desk(tmp_path)
    yield made
    made.close()


def find(desk, query, **options):
    return [found.path for found in desk.answer(desk.service.finder(**options).find, query, 20)]


def test_a_folder_is_listed(desk):
    listed = desk.answer(desk.service.list_folder, "")
    assert [entry.name for entry in listed.entries] == ["app", "docs", ".gitignore", "README.md"]


def test_a_folder_that_has_gone_is_an_error(desk):
    assert isinstance(desk.answer(desk.service.list_folder, "gone"), AppError)


def test_files_are_found_without_what_is_ignored(desk):
    assert find(desk, "mai") == ["app/main.py"]
    assert find(desk, "out") == []
    assert find(desk, "ap", with_folders=True)[0] == "app"


def test_files_that_were_opened_come_first(desk):
    desk.service.recent = (desk.service.path_of("docs/guide.md"), "/elsewhere/x.py")
    assert find(desk, "")[0] == "docs/guide.md"


def test_a_new_file_is_found_once_it_is_made(desk):
    assert find(desk, "fresh") == []
    desk.answer(desk.service.make, "app/fresh.py")
    built = []
    desk.service.on_indexed = built.append
    desk.service.index()
    desk.wait(lambda: built)
    assert built[0].files == 6
    assert find(desk, "fresh") == ["app/fresh.py"]


def test_a_newer_question_makes_an_older_one_be_forgotten(desk):
    finder = desk.service.finder()
    heard = []
    for query in ("guide", "main", "model"):
        finder.find(query, 20, lambda found, query=query: heard.append((query, [match.path for match in found])))
    desk.wait(lambda: heard)
    find(desk, "anything")  # whatever else was on its way would have come by now
    assert heard == [("model", ["app/model.py"])]


def test_askers_do_not_disturb_each_other(desk):
    heard = {}
    for name, query in (("palette", "main"), ("composer", "guide")):
        desk.service.finder().find(query, 5, lambda found, name=name: heard.update({name: found[0].path}))
    desk.wait(lambda: len(heard) == 2)
    assert heard == {"palette": "app/main.py", "composer": "docs/guide.md"}


def test_an_answer_about_a_folder_that_is_closed_is_not_given(desk, tmp_path):
    heard = []
    desk.service.list_folder("", heard.append)
    make_files(tmp_path, "other/only.txt")
    desk.service.open(str(tmp_path / "other"))
    listed = desk.answer(desk.service.list_folder, "")
    assert [entry.name for entry in listed.entries] == ["only.txt"]
    assert not heard
    assert find(desk, "") == ["only.txt"]


def test_without_a_folder_nothing_is_found(desk):
    desk.service.open("")
    assert find(desk, "main") == []


def test_git_is_asked_in_a_process_that_ends_when_it_has_answered(desk, tmp_path):
    git(tmp_path, "init", "-q")
    state = desk.answer(desk.service.read_git)
    assert state.marks["README.md"] == "U"
    desk.wait(lambda: not any(transport.pid for transport in desk.transports))


def test_paths_are_told_below_the_folder_and_back(desk, tmp_path):
    assert desk.service.below(str(tmp_path / "app/main.py")) == "app/main.py"
    assert desk.service.below(str(tmp_path)) == ""
    assert desk.service.below("/elsewhere") is None
    assert desk.service.path_of("app/main.py") == str(tmp_path / "app/main.py")
