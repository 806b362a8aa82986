"""Listing and searching the Hub through the real child: what a server answers, rightly and wrongly."""

import json
import socket

import pytest

from app.catalog.errors import CatalogError
from app.catalog.service import Servers
from tests.app.catalogs import catalog as open_catalog
from tests.hub.server import Hub
from tests.hub.tree import COMMIT, SHA256, Lie, ModelApi, lfs_file, plain_file

NAME = "Qwen/Qwen3-Coder-Next-GGUF"
TREE = [
    plain_file("README.md", 4000),
    {"type": "directory", "oid": "1" * 40, "path": "Q4_K_M"},
    *[lfs_file(f"Q4_K_M/M-Q4_K_M-{number:05d}-of-00004.gguf", 12_103_203_072) for number in range(1, 5)],
    lfs_file("M-Q2_K.gguf", 29_260_000_000),
    lfs_file("mmproj-F16.gguf", 900_000_000),
    lfs_file("M.imatrix.gguf", 300_000_000),
]


@pytest.fixture(scope="module")
def server():
    with Hub() as hub:
        yield hub


@pytest.fixture(scope="module")
def listing(server):
    return ModelApi(server)


@pytest.fixture
def api(listing):
    """The listing side, with one repository on offer."""
    listing.clear()
    listing.offer(NAME, TREE, about={"gguf": {"total": 79_674_391_296, "architecture": "qwen3next"}})
    return listing


@pytest.fixture(scope="module")
def hub(server):
    """One child for all tests, started before the first."""
    with open_catalog(Servers(endpoint=server.url)) as opened:
        opened.scan()
        yield opened


def failure(hub, text, **more):
    with pytest.raises(CatalogError) as caught:
        hub.list(text, **more)
    assert caught.value.title
    return caught.value


# --- what is offered --------------------------------------------------------------------------------------


def test_a_repository_is_listed_with_sizes_and_hashes_at_a_pinned_commit(api, hub, server):
    repository = hub.list(NAME)
    assert [variant.quantization for variant in repository.variants] == ["Q2_K", "Q4_K_M"]
    assert (repository.revision, repository.license, repository.n_params) == (COMMIT, "apache-2.0", 79_674_391_296)
    variant = repository.variants[1]
    assert variant.size_bytes == 48_412_812_288
    first = variant.files[0]
    assert first.url == f"{server.url}/{NAME}/resolve/{COMMIT}/{first.name}"
    assert first.sha256 == SHA256


def test_pages_are_followed_to_the_end(api, hub):
    api.page_size = 2
    assert len(hub.list(NAME).variants) == 2
    assert sum("/tree/" in seen.path for seen in api.asked) == 5


def test_ten_thousand_files_are_listed(api, hub):
    api.offer("o/many", [lfs_file(f"v{number}/M-{number}-Q8_0.gguf", 10 + number) for number in range(10_000)])
    repository = hub.list("o/many")
    assert len(repository.variants) == 500
    assert any("10,000" in note for note in repository.notes)


def test_a_file_without_lfs_has_no_hash(api, hub):
    api.offer("o/small", [plain_file("M-Q8_0.gguf", 1000)])
    (variant,) = hub.list("o/small").variants
    assert (variant.files[0].sha256, variant.size_bytes) == ("", 1000)


def test_hostile_names_are_left_out_and_the_rest_is_listed(api, hub):
    hostile = ["../../x-Q8_0.gguf", "/etc/x-Q8_0.gguf", "a\\b-Q8_0.gguf", "a\u0000b-Q8_0.gguf", "CON/x-Q8_0.gguf"]
    api.offer("o/hostile", [lfs_file(name, 10) for name in [*hostile, "M-Q4_0.gguf"]])
    repository = hub.list("o/hostile")
    assert [variant.quantization for variant in repository.variants] == ["Q4_0"]
    assert len(repository.notes) == len(hostile)


def test_names_are_escaped_in_addresses(api, hub):
    api.offer("o/odd", [lfs_file("a b/M #1%?-Q8_0.gguf".replace("?", ""), 10)])
    (variant,) = hub.list("o/odd").variants
    assert variant.files[0].url.endswith("/a%20b/M%20%231%25-Q8_0.gguf")


def test_a_quantization_a_folder_or_a_file_narrows_the_listing(api, hub, server):
    for text in (f"{NAME}:q4_k_m", f"{server.url}/{NAME}/tree/main/Q4_K_M"):
        assert [variant.quantization for variant in hub.list(text).variants] == ["Q4_K_M"]
    (variant,) = hub.list(f"{server.url}/{NAME}/blob/main/M-Q2_K.gguf").variants
    assert variant.quantization == "Q2_K"
    assert "It has Q2_K, Q4_K_M" in failure(hub, f"{NAME}:Q8_0").message


def test_a_repository_that_was_renamed_goes_by_its_new_name(api, hub):
    api.lies.append(Lie("/models/old/name", 307, "", {"Location": f"/api/models/{NAME}"}))
    repository = hub.list("old/name")
    assert repository.id == NAME
    assert NAME in repository.variants[0].files[0].url


def test_a_private_repository_needs_the_token_of_the_command(api, hub):
    api.offer("me/private", TREE, token="hf_mine")
    assert failure(hub, "me/private").code == "not_found"
    repository = hub.list("me/private", token="hf_mine")
    assert repository.private


def test_a_search_tells_names_downloads_and_dates(api, hub):
    api.offer("unsloth/Qwen3-Coder-Next-GGUF", TREE)
    found = hub.search("coder-next")
    assert [repository.id for repository in found] == [NAME, "unsloth/Qwen3-Coder-Next-GGUF"]
    assert (found[0].downloads, found[0].updated) == (1000, "2026-02-03")
    assert "filter=gguf" in api.asked[-1].path


def test_nothing_is_sent_but_the_question_and_nothing_is_written(api, server, tmp_path):
    home = tmp_path / "hf"
    with open_catalog(Servers(endpoint=server.url), HF_HOME=str(home), HF_ENDPOINT=server.url) as fresh:
        fresh.list(NAME)
        fresh.search("x")
    agents = {seen.headers["user-agent"] for seen in api.asked}
    assert len(agents) == 1
    assert agents.pop().startswith("sawhorse/")
    assert {seen.path.split("?")[0].split("/")[2] for seen in api.asked} == {"models"}
    assert not any("authorization" in seen.headers or "cookie" in seen.headers for seen in api.asked)
    assert not home.exists()


def test_the_token_is_not_sent_to_another_server(api, hub, server):
    api.page_size, api.next_host = 2, server.cdn_url
    hub.list(NAME, token="hf_mine")
    sent = {seen.host: seen.headers.get("authorization") for seen in api.asked}
    assert sent == {"hub": "Bearer hf_mine", "cdn": None}


# --- what goes wrong --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "token", "words"), [(401, "", "HF_TOKEN"), (403, "hf_mine", "has not been admitted")]
)
def test_a_gated_repository_says_what_to_do(api, hub, server, status, token, words):
    api.lies.append(Lie("/tree/", status, '{"error":"gated"}', {"X-Error-Code": "GatedRepo"}))
    error = failure(hub, NAME, token=token)
    assert error.code == "gated"
    assert words in str(error)
    assert f"{server.url}/{NAME}" in error.hint


def test_a_token_that_is_refused_is_named(api, hub):
    api.lies.append(Lie("", 401, "{}", {"X-Error-Message": "Invalid credentials in Authorization header"}))
    assert failure(hub, NAME, token="hf_old").code == "unauthorised"


@pytest.mark.parametrize("token", ["hf_a b", "hf_a\nX: 1", "hf_ä", "\x00"], ids=ascii)
def test_what_is_no_token_is_not_sent(api, hub, token):
    assert failure(hub, NAME, token=token).code == "unauthorised"
    assert not api.asked


def test_a_misspelt_name_gets_suggestions(api, hub):
    error = failure(hub, "Qwen/Qwen3-Coder-Next", token="hf_mine")
    assert error.code == "not_found"
    assert NAME in error.hint


def test_a_repository_without_gguf_files_names_others(api, hub):
    api.offer("Qwen/Qwen3-Coder-Next", [lfs_file("model-00001-of-00040.safetensors", 10)])
    error = failure(hub, "Qwen/Qwen3-Coder-Next")
    assert error.code == "no_models"
    assert NAME in error.hint


def test_an_unknown_revision_is_named(api, hub):
    error = failure(hub, f"{NAME}@v9")
    assert (error.code, "v9" in error.title) == ("not_found", True)


@pytest.mark.parametrize("headers", [{"Retry-After": "77"}, {"RateLimit": '"api";r=0;t=77'}], ids=ascii)
def test_too_many_questions_are_reported_at_once(api, hub, headers):
    api.lies.append(Lie("", 429, "{}", headers))
    error = failure(hub, NAME)
    assert (error.code, "77 seconds" in error.hint) == ("rate_limited", True)
    assert len(api.asked) == 1


def test_trouble_of_the_server_is_reported_at_once(api, hub, server):
    api.lies.append(Lie("/tree/", 503, "down"))
    error = failure(hub, NAME)
    assert (error.code, "503" in error.message) == ("server", True)
    assert len(api.asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        "<html>Sign in to the network</html>",
        '{"id": "Qwen/Qw',
        "[]",
        "null",
        '{"id": 7}',
        "\ufeff{}",
        b"\xff\xfe\x00",
        "[" * 100_000,
    ],
    ids=["html", "cut", "list", "null", "number", "bom", "bytes", "deep"],
)
@pytest.mark.parametrize("path", [f"/models/{NAME}", "/tree/"])
def test_an_answer_that_is_not_the_hubs_is_not_believed(api, hub, path, body):
    api.lies.append(Lie(path, 200, body, {"Content-Type": "application/json"}))
    error = failure(hub, NAME)
    assert error.code in {"not_understood", "no_models"}
    assert "127.0.0.1" in error.title or NAME in error.title


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "file"},
        {"type": "file", "path": 7, "size": 1, "oid": "x"},
        {"type": "file", "path": "M-Q8_0.gguf", "size": "large", "oid": "x"},
        {"type": "file", "path": "M-Q8_0.gguf", "size": -5, "oid": "x"},
        lfs_file("M-Q8_0.gguf", None, 5),
        "M-Q8_0.gguf",
        None,
    ],
    ids=ascii,
)
def test_a_tree_with_nonsense_in_it_is_survived(api, hub, entry):
    api.lies.append(Lie("/tree/", 200, json.dumps([entry])))
    assert failure(hub, NAME).code in {"not_understood", "no_models"}


def test_a_connection_that_breaks_in_the_middle_is_reported(api, hub):
    api.lies.append(Lie("/tree/", 200, json.dumps(TREE), cut_after=100))
    error = failure(hub, NAME)
    assert (error.code, "broke" in error.title) == ("offline", True)


def test_pages_without_end_are_given_up(api, hub, server):
    link = f'<{server.url}/api/models/{NAME}/tree/x?cursor=1>; rel="next"'
    api.lies.append(Lie("/tree/", 200, "[]", {"Link": link}))
    assert failure(hub, NAME).code == "too_large"
    assert len(api.asked) <= 210


def test_a_listing_that_is_not_wanted_any_more_ends_its_child(api, server):
    api.lies.append(Lie(hang=True))
    with open_catalog(Servers(endpoint=server.url)) as opened:
        number = opened.service.list_repository(opened.service.parse(NAME), lambda _answer: pytest.fail("unwanted"))
        assert opened.service.is_busy
        opened.service.forget(number)
        while opened.service.is_busy:
            opened.transport.pump(0.1)


# --- networks ---------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_named():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with open_catalog(Servers(endpoint=f"http://127.0.0.1:{port}")) as opened:
        error = failure(opened, NAME)
    assert (error.code, error.title) == ("offline", "127.0.0.1 cannot be reached")


def test_a_proxy_is_used(api, server):
    servers = Servers(endpoint="http://hub.invalid")
    with open_catalog(servers, HTTP_PROXY=server.url, http_proxy=server.url) as opened:
        assert len(opened.list(NAME).variants) == 2
    assert {seen.headers["host"] for seen in api.asked} == {"hub.invalid"}


def test_a_proxy_setting_that_is_none_is_reported(server):
    with open_catalog(Servers(endpoint=server.url), ALL_PROXY="gopher://x", all_proxy="gopher://x") as opened:
        assert failure(opened, NAME).code == "proxy"


def test_offline_is_offline(api, server):
    with open_catalog(Servers(endpoint=server.url), HF_HUB_OFFLINE="1") as opened:
        error = failure(opened, NAME)
    assert (error.code, "HF_HUB_OFFLINE" in error.message) == ("offline", True)
    assert not api.asked


def test_an_endpoint_that_is_no_address_is_reported():
    with open_catalog(Servers(endpoint="http://hub:port")) as opened:
        assert failure(opened, NAME).code == "not_understood"
