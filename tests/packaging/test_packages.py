"""The files that tell systems about the program: each says what it must, and they agree with each other."""

import configparser
import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET

import pytest

from app.cli.main import _parser
from tests.packaging.test_bundle import BUNDLE, ROOT, load

LINUX = ROOT / "packaging" / "linux"
MIME = "application/x-gguf"


@pytest.fixture(scope="module")
def linux():
    """The scripts for Linux, which import each other by name."""
    sys.path[:0] = [str(LINUX), str(BUNDLE)]
    yield load("deb", LINUX), load("single_file", LINUX)
    del sys.path[:2]
    for name in ("stage", "check"):
        sys.modules.pop(name, None)


@pytest.fixture
def entry():
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(LINUX / "sawhorse.desktop", "utf-8")
    return parser["Desktop Entry"]


def test_the_desktop_entry_opens_a_file_without_a_terminal(entry):
    assert (entry["Exec"], entry["Terminal"], entry["Icon"]) == ("sawhorse %f", "false", "sawhorse")
    assert MIME in entry["MimeType"].split(";")


def test_the_windows_own_name_leads_to_the_desktop_entry(entry):
    start = (ROOT / "ui/start.py").read_text("utf-8")
    assert re.search(r'setDesktopFileName\("(\w+)"\)', start)[1] == "sawhorse" == entry["StartupWMClass"]


def test_commands_of_the_desktop_entry_are_understood():
    text = (LINUX / "sawhorse.desktop").read_text("utf-8")
    for command in re.findall(r"^Exec=sawhorse ?(.*)$", text, re.MULTILINE):
        _parser().parse_args(command.replace("%f", "").split())


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="desktop-file-utils is not installed")
def test_the_desktop_entry_is_valid():
    told = subprocess.run(
        ["desktop-file-validate", str(LINUX / "sawhorse.desktop")], capture_output=True, text=True, check=False
    )
    assert told.stdout + told.stderr == ""


def test_the_file_type_is_known_by_its_name_and_its_first_bytes():
    space = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    kind = ET.parse(LINUX / "sawhorse-mime.xml").getroot().find("m:mime-type", space)
    assert kind.get("type") == MIME
    assert kind.find("m:glob", space).get("pattern") == "*.gguf"
    assert kind.find("m:magic/m:match", space).get("value") == "GGUF"


def test_the_software_centre_is_told_of_the_same_program(entry):
    root = ET.parse(LINUX / "sawhorse.metainfo.xml").getroot()
    assert root.findtext("launchable") == "sawhorse.desktop"
    assert root.findtext("summary") == entry["Comment"]
    assert root.findtext("provides/mediatype") == MIME
    assert (
        root.findtext("project_license") == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"]
    )


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="appstream is not installed")
def test_the_description_is_valid(tmp_path, linux):
    deb, _single = linux
    deb.stage.write_share(tmp_path)
    path = tmp_path / "metainfo/sawhorse.metainfo.xml"
    told = subprocess.run(
        ["appstreamcli", "validate", "--no-net", str(path)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout


def test_the_deb_says_what_it_is_and_needs(linux):
    deb, _single = linux
    fields = deb.control("1.2.3", "amd64", 300, ["libc6 (>= 2.35)"])
    assert "Version: 1.2.3\n" in fields
    assert "Depends: libc6 (>= 2.35), shared-mime-info, xkb-data\n" in fields
    assert fields.index("Description: ") > fields.index("Recommends: ")
    assert all(line.startswith(" ") for line in fields.partition("Description: ")[2].splitlines()[1:])


def test_a_library_in_the_bundle_makes_no_dependency(linux):
    deb, _single = linux
    depends = deb.parse_dependencies("shlibs:Depends=libc6 (>= 2.35), libssl3 (>= 3.0)\n")
    assert deb.only_of(depends, {"libc6", "libegl1"}) == ["libc6 (>= 2.35)"]


@pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")
def test_a_single_file_unpacks_itself_once_and_passes_its_arguments_on(linux, tmp_path):
    _deb, single = linux
    tree = tmp_path / "tree/lib/sawhorse"
    tree.mkdir(parents=True)
    (tree / "sawhorse").write_text('#!/bin/sh\nfor word in "$@"; do echo "<$word>"; done\n')
    (tree / "sawhorse").chmod(0o755)
    packed = tmp_path / "packed.tar.gz"
    subprocess.run(["tar", "-C", str(tmp_path / "tree"), "-czf", str(packed), "."], check=True)
    file = tmp_path / "Saw horse.run"
    script = (LINUX / "single_file.sh").read_text("utf-8")
    file.write_bytes(single.head(script, "1.2.3", "0123456789abcdef0123") + packed.read_bytes())
    file.chmod(0o755)
    home = tmp_path / "a home of Žofia's"
    home.mkdir()
    for _ in range(2):
        command = [str(file), "--new", "a model.gguf"]
        told = subprocess.run(
            command, env={"HOME": str(home), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
        )
        assert (told.stdout, told.stderr) == ("<--new>\n<a model.gguf>\n", "")
    assert [path.name for path in (home / ".cache/sawhorse").iterdir()] == ["bundle-0123456789abcdef"]


def test_windows_starts_the_program_without_a_console_by_icon_and_by_file():
    text = (ROOT / "packaging/windows/sawhorse.iss").read_text("utf-8")
    spec = (BUNDLE / "sawhorse.spec").read_text("utf-8")
    assert 'program("sawhorse-window", console=False)' in spec
    started = re.findall(r'^(?:Name: "\{(?:group|autodesktop)\}.*|Filename: .*|.*open.command.*)$', text, re.MULTILINE)
    assert len(started) == 4
    assert all("sawhorse-window.exe" in line for line in started)
    assert r'Subkey: "Software\Classes\.gguf\OpenWithProgids"' in text


def test_macos_is_told_of_the_file_type():
    info = plistlib.loads((ROOT / "packaging/macos/Info.plist").read_bytes())
    (kind,) = info["UTImportedTypeDeclarations"]
    assert kind["UTTypeTagSpecification"]["public.filename-extension"] == ["gguf"]
    assert info["CFBundleDocumentTypes"][0]["LSItemContentTypes"] == [kind["UTTypeIdentifier"]]
    assert plistlib.loads((ROOT / "packaging/macos/entitlements.plist").read_bytes())


def test_the_workflow_builds_all_three_systems_with_files_that_exist():
    text = (ROOT / ".github/workflows/packages.yml").read_text("utf-8")
    for system in ("ubuntu-", "windows-", "macos-"):
        assert system in text
    paths = re.findall(r"packaging[/\\][\w/\\.]+\.(?:py|sh|iss|txt)", text)
    assert paths
    assert all((ROOT / path.replace("\\", "/")).is_file() for path in paths)
