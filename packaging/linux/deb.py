"""Packs the bundle as a .deb; what it depends on is found by dpkg-shlibdeps in the libraries themselves.

It has no scripts: icons, file types and desktop entries are taken up by the triggers of the packages that keep them,
and removing it leaves alone what it never wrote, a user's data.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import stage

sys.path.insert(0, str(stage.ROOT / "packaging/bundle"))
import check

#: Not linked to: the keyboard's layouts, the file types, the program that opens folders and links.
ALSO_NEEDED = ("shared-mime-info", "xkb-data")
RECOMMENDED = ("bubblewrap", "desktop-file-utils", "hicolor-icon-theme", "ripgrep", "xdg-utils")
DESCRIPTION = """workbench for coding models on your own machine
 Sawhorse runs language models for code on this machine, without a network. It says what a model needs before it is
 downloaded, and shows every tool call the model makes: what it wrote, what ran and what came back.
"""


def architecture() -> str:
    """Return Debian's name for this machine's architecture."""
    return _output("dpkg", "--print-architecture").strip()


def dependencies(bundle: Path) -> list[str]:
    """Return the packages that bring the libraries the bundle leaves to the system, with versions."""
    files = list(check.elf_files(bundle))
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "debian").mkdir()
        source = "Source: sawhorse\n\nPackage: sawhorse\nArchitecture: any\n"
        (Path(place) / "debian/control").write_text(source, "utf-8")
        command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0"]
        command += [f"-l{folder}" for folder in sorted({path.parent for path in files})]
        told = _output(*command, *(f"-e{path}" for path in files), cwd=place)
    return only_of(parse_dependencies(told), system_packages(files))


def system_packages(files: list[Path]) -> set[str]:
    """Return the packages of the libraries that the bundle is linked to and does not hold."""
    held = {path.name for path in files}
    needed = {name for path in files for name in check.linked_to(check.objdump("-p", path))}
    places = re.findall(r"^\s+(\S+) \(.*x86-64.*\) => (\S+)", _output("/sbin/ldconfig", "-p"), re.MULTILINE)
    paths = {str(Path(path).resolve()) for name, path in places if name in needed - held}
    # Where /lib became a part of /usr, dpkg still knows a file by the place its package put it.
    paths |= {path.removeprefix("/usr") for path in paths}
    command = ["dpkg-query", "--search", *sorted(paths)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # it fails as one form is unknown
    return {line.partition(":")[0] for line in told.stdout.splitlines()}


def only_of(depends: list[str], packages: set[str]) -> list[str]:
    """Return the dependencies on these packages: dpkg-shlibdeps names those of libraries that the bundle holds, too."""
    return [depend for depend in depends if depend.split()[0] in packages]


def _output(*command: str, cwd: str | None = None) -> str:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout


def parse_dependencies(text: str) -> list[str]:
    """Return the packages in what dpkg-shlibdeps prints: ``shlibs:Depends=a (>= 1), b``."""
    found = re.search(r"shlibs:Depends=(.*)", text)
    return [part.strip() for part in found[1].split(",")] if found else []


def control(version: str, architecture: str, kilobytes: int, depends: list[str]) -> str:
    """Return the package's control file."""
    fields = {
        "Package": "sawhorse",
        "Version": version,
        "Architecture": architecture,
        "Maintainer": "The Sawhorse authors <sawhorse@localhost>",
        "Installed-Size": str(kilobytes),
        "Depends": ", ".join(sorted({*depends, *ALSO_NEEDED})),
        "Recommends": ", ".join(RECOMMENDED),
        "Section": "devel",
        "Priority": "optional",
        "Description": DESCRIPTION.strip(),
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def build(to: Path) -> Path:
    """Write the .deb into a folder; return its path."""
    tree = stage.ROOT / "build/deb"
    shutil.rmtree(tree, ignore_errors=True)
    usr = tree / "usr"
    stage.copy_bundle(usr / "lib/sawhorse")
    stage.write_share(usr / "share")
    stage.write_documents(usr / "share/doc/sawhorse")
    (usr / "bin").mkdir()
    (usr / "bin/sawhorse").symlink_to("../lib/sawhorse/sawhorse")
    for folder in [tree, *(path for path in tree.rglob("*") if path.is_dir() and not path.is_symlink())]:
        folder.chmod(0o755)
    size = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir()) // 1024
    (tree / "DEBIAN").mkdir()
    text = control(stage.version(), architecture(), size, dependencies(stage.BUNDLE))
    (tree / "DEBIAN/control").write_text(text, "utf-8")
    path = to / f"sawhorse_{stage.version()}_{architecture()}.deb"
    to.mkdir(parents=True, exist_ok=True)
    # Every system with the glibc this needs has a dpkg that reads zstd, which packs in a tenth of the time of xz.
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z12", "--build", str(tree), str(path)]
    subprocess.run(command, check=True)
    return path


if __name__ == "__main__":
    stage.draw_icons()
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
