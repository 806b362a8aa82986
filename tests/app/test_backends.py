"""GPU backends of an installed package: what fits, and that only the right bytes are ever kept."""

import hashlib
import http.server
import io
import json
import tarfile
import threading

import msgspec
import pytest

from app.backends import install, places
from app.backends.drivers import cuda_version
from app.backends.messages import BackendProgress, BackendsFound, FindBackends, InstallBackend, RemoveBackend
from app.backends.values import Backend, Drivers, decode_manifest, offers, read_manifest
from app.backends.worker import answer
from app.errors import AppError
from app.ipc.launch import BACKEND_VARIABLE

LIBRARY = b"\x7fELF, so to speak" * 1000


def backend(name="vulkan", **fields):
    values = {
        "name": name,
        "system": "linux-x86_64",
        "llama_cpp_python": "0.3.36",
        "url": "",
        "size": 0,
        "sha256": "",
        "needs_cuda": "12.8" if name == "cuda" else "",
    }
    return Backend(**{**values, **fields})


def archive(files=None, links=()):
    """Return an archive as a package's build makes it."""
    facts = json.dumps({"library": "libggml-vulkan.so"}).encode()
    files = {"backend.json": facts, "libggml-vulkan.so": LIBRARY} if files is None else files
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as packed:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            packed.addfile(member)
    return data.getvalue()


@pytest.fixture
def serve():
    """Return a function that serves bytes and returns the backend they are."""
    published = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            data = published.get(self.path)
            self.send_response(200 if data is not None else 404)
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()

    def publish(data, **fields):
        published["/archive"] = data
        facts = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        return backend(url=f"http://127.0.0.1:{server.server_port}/archive", **{**facts, **fields})

    yield publish
    server.shutdown()
    server.server_close()
    thread.join()


def nothing_is_kept(data):
    return not [path for path in data.rglob("*") if path.is_file()]


# --- what fits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offered", "fits"), [("", False), ("12.4", False), ("12.8", True), ("13.0", True)])
def test_cuda_fits_a_driver_that_is_new_enough(offered, fits):
    (offer,) = offers([backend("cuda")], Drivers(cuda=offered), "linux-x86_64", "0.3.36")
    assert offer.fits is fits


def test_vulkan_fits_where_a_gpu_has_a_driver_and_says_which():
    (offer,) = offers([backend()], Drivers(vulkan=("Radeon RX 7800 XT",)), "linux-x86_64", "0.3.36")
    assert (offer.fits, offer.why) == (True, "Found: Radeon RX 7800 XT.")
    (offer,) = offers([backend()], Drivers(), "linux-x86_64", "0.3.36")
    assert not offer.fits


def test_what_fits_and_is_quickest_comes_first():
    found = offers([backend(), backend("cuda")], Drivers(cuda="12.9", vulkan=("a",)), "linux-x86_64", "0.3.36")
    assert [offer.backend.name for offer in found] == ["cuda", "vulkan"]
    found = offers([backend("cuda"), backend()], Drivers(vulkan=("a",)), "linux-x86_64", "0.3.36")
    assert [offer.backend.name for offer in found] == ["vulkan", "cuda"]


def test_a_backend_for_another_system_or_llama_cpp_is_not_offered():
    assert not offers([backend()], Drivers(vulkan=("a",)), "win32-amd64", "0.3.36")
    assert not offers([backend()], Drivers(vulkan=("a",)), "linux-x86_64", "0.3.37")


def test_a_checkout_offers_nothing():
    assert read_manifest() == ()


def test_a_manifest_is_read_strictly():
    data = msgspec.json.encode([backend("cuda")])
    assert decode_manifest(data) == (backend("cuda"),)
    with pytest.raises(msgspec.DecodeError):
        decode_manifest(b'[{"name": "cuda"}]')


def test_nvmls_number_is_a_version():
    assert [cuda_version(number) for number in (12080, 13000, 11040)] == ["12.8", "13.0", "11.4"]


# --- the download -----------------------------------------------------------------------------------------


def test_a_backend_is_fetched_verified_and_found_again(serve, tmp_path):
    heard = []
    install.install(serve(archive()), tmp_path, heard.append)
    assert places.installed(tmp_path, "0.3.36") == ("vulkan",)
    assert places.installed(tmp_path, "0.3.37") == ()
    assert heard == sorted(heard)
    assert heard[-1] == len(archive())
    library = places.library_of(places.backend_folder(tmp_path, "vulkan", "0.3.36"))
    assert library.read_bytes() == LIBRARY
    assert [path.name for path in (tmp_path / "backends").iterdir()] == ["vulkan-0.3.36"]


def test_bytes_with_another_hash_are_not_kept(serve, tmp_path):
    with pytest.raises(AppError, match="sha256"):
        install.install(serve(archive(), sha256="0" * 64), tmp_path, lambda _: None)
    assert nothing_is_kept(tmp_path)


@pytest.mark.parametrize("difference", [-1, 1])
def test_another_size_than_promised_is_not_kept(serve, tmp_path, difference):
    data = archive()
    with pytest.raises(AppError, match="bytes"):
        install.install(serve(data, size=len(data) + difference), tmp_path, lambda _: None)
    assert nothing_is_kept(tmp_path)


@pytest.mark.parametrize(
    "bad",
    [
        archive({"../outside": b"x"}),
        archive({"folder/libggml-vulkan.so": b"x"}),
        archive(links=[("link", "/etc/passwd")]),
        archive({"notes.txt": b"no backend"}),
        archive({"backend.json": b'{"library": "gone.so"}'}),
        b"no archive",
    ],
)
def test_an_archive_with_anything_else_in_it_is_not_unpacked(serve, tmp_path, bad):
    with pytest.raises(AppError, match="not installed"):
        install.install(serve(bad), tmp_path / "data", lambda _: None)
    assert nothing_is_kept(tmp_path)


def test_a_failed_renewal_leaves_what_was_there(serve, tmp_path):
    install.install(serve(archive()), tmp_path, lambda _: None)
    with pytest.raises(AppError):
        install.install(serve(b"no archive"), tmp_path, lambda _: None)
    assert places.installed(tmp_path, "0.3.36") == ("vulkan",)


def test_a_server_that_says_no_is_an_error_in_words(serve, tmp_path):
    missing = msgspec.structs.replace(serve(archive()), url=serve(archive()).url + "/gone")
    with pytest.raises(AppError, match="could not be fetched"):
        install.install(missing, tmp_path, lambda _: None)


# --- the choice -------------------------------------------------------------------------------------------


def test_the_engine_is_told_of_the_chosen_backend_alone(serve, tmp_path):
    install.install(serve(archive()), tmp_path, lambda _: None)
    for name, is_told in (("", False), ("cuda", False), ("vulkan", True)):
        environment = {}
        places.use(environment, tmp_path, name, "0.3.36")
        assert (BACKEND_VARIABLE in environment) is is_told
    places.use(environment := {}, tmp_path, "vulkan", "0.3.37")
    assert not environment


def test_the_child_installs_and_removes(serve, tmp_path, monkeypatch):
    made = serve(archive())
    monkeypatch.setattr("app.backends.worker.llama_cpp_version", lambda: "0.3.36")
    sent = []
    assert answer(FindBackends(data=str(tmp_path)), sent.append).installed == ()
    found = answer(InstallBackend(data=str(tmp_path), backend=made), sent.append)
    assert isinstance(found, BackendsFound)
    assert found.installed == ("vulkan",)
    assert all(isinstance(event, BackendProgress) for event in sent)
    assert answer(RemoveBackend(data=str(tmp_path), name="vulkan"), sent.append).installed == ()
    assert nothing_is_kept(tmp_path)
