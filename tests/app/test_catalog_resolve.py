"""A name becomes a variant, and a variant is recognised on disk."""

import pytest

from app.catalog.cards import load_cards
from app.catalog.reference import Reference
from app.catalog.resolve import choose_variant, find_by_reference, find_on_disk, resolve_reference
from app.catalog.variants import LocalModel, RemoteFile, Variant
from app.errors import AppError
from app.models import resolve_model

SHA = "ab" * 32


def variant(quantization, *sizes, repository="o/r", sha256=""):
    many = len(sizes) > 1
    files = [
        RemoteFile(
            name=f"{quantization}/M-{quantization}{f'-{number:05d}-of-{len(sizes):05d}' if many else ''}.gguf",
            url="http://x",
            size_bytes=size,
            sha256=sha256,
        )
        for number, size in enumerate(sizes, 1)
    ]
    return Variant(
        source="huggingface", repository=repository, revision="c", quantization=quantization, files=tuple(files)
    )


def local(*files, repository="", quantization="Q4_K_M", place="folder", missing=(), sha256=()):
    return LocalModel(
        path=files[0][0],
        files=tuple(name for name, _size in files),
        file_sizes=tuple(size for _name, size in files),
        size_bytes=sum(size for _name, size in files),
        name="M",
        quantization=quantization,
        place=place,
        repository=repository,
        missing=missing,
        sha256=sha256,
    )


# --- choosing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (["Q2_K", "Q4_K_M", "Q8_0"], "Q4_K_M"),
        (["UD-Q2_K_XL", "UD-Q4_K_XL", "Q8_0"], "UD-Q4_K_XL"),
        (["MXFP4_MOE", "BF16"], "MXFP4_MOE"),
        (["Q2_K", "Q6_K", "Q8_0"], "Q6_K"),
        (["F16"], "F16"),
        (["odd"], "odd"),
        ([], None),
    ],
)
def test_without_a_quantization_the_default_is_llama_cpps_or_what_is_nearest(offered, expected):
    chosen = choose_variant([variant(name, 10) for name in offered])
    assert (chosen.quantization if chosen else None) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("q8_0", "Q8_0"), ("Q4_K_XL", "UD-Q4_K_XL"), ("ud-q4_k_xl", "UD-Q4_K_XL"), ("Q3_K_M", None)],
)
def test_a_quantization_is_found_however_it_is_written(wanted, expected):
    chosen = choose_variant([variant(name, 10) for name in ("UD-Q4_K_XL", "Q8_0")], wanted)
    assert (chosen.quantization if chosen else None) == expected


def test_cards_stand_for_their_first_repository():
    cards = load_cards()
    assert resolve_reference("qwen3-coder-next", cards).repository == "Qwen/Qwen3-Coder-Next-GGUF"
    assert resolve_reference("Qwen3-Coder-Next:Q8_0", cards).quantization == "Q8_0"
    assert resolve_reference("o/r:Q8_0", cards) == Reference(repository="o/r", quantization="Q8_0")
    with pytest.raises(AppError):
        resolve_reference("no such card", cards)


# --- on disk ----------------------------------------------------------------------------------------------


def test_a_variant_is_on_disk_if_all_its_files_are():
    wanted = variant("Q8_0", 10, 20)
    names = [file.name.rpartition("/")[2] for file in wanted.files]
    whole = local(*[(f"/m/{name}", size) for name, size in zip(names, (10, 20), strict=True)])
    assert find_on_disk(wanted, [whole]) is whole
    assert find_on_disk(wanted, [local((f"/m/{names[0]}", 10))]) is None
    assert find_on_disk(wanted, [local(*[(f"/m/{name}", 15) for name in names])]) is None
    assert find_on_disk(wanted, [local((f"/m/{names[0]}", 10), (f"/m/{names[1]}", 20), missing=("x",))]) is None


def test_the_same_name_and_size_from_another_repository_is_another_model():
    file = ("/m/M-Q8_0.gguf", 10)
    assert find_on_disk(variant("Q8_0", 10), [local(file, repository="other/r")]) is None
    assert find_on_disk(variant("Q8_0", 10), [local(file, repository="O/R")])
    assert find_on_disk(variant("Q8_0", 10), [local(file)])


def test_a_hash_decides_where_both_sides_tell_it():
    blob = local((f"/ollama/blobs/sha256-{SHA}", 10), place="ollama", repository="other/r", sha256=(SHA,))
    changed = local(("/m/M-Q8_0.gguf", 10), repository="o/r", sha256=("cd" * 32,))
    assert find_on_disk(variant("Q8_0", 10, sha256=SHA), [changed]) is None
    assert find_on_disk(variant("Q8_0", 10), [changed]) is changed
    assert find_on_disk(variant("Q8_0", 10, sha256=SHA), [blob]) is blob
    assert find_on_disk(variant("Q8_0", 10, sha256="cd" * 32), [blob]) is None


def test_a_reference_finds_its_model_on_disk():
    models = [
        local(("/a-Q8_0.gguf", 1), repository="o/r", quantization="Q8_0"),
        local(("/a-Q4_K_M.gguf", 1), repository="o/r", quantization="Q4_K_M"),
        local(("/b.gguf", 1), repository="p/q", quantization="Q8_0"),
        local(("/c.gguf", 1), repository="o/r", quantization="Q6_K", missing=("x",)),
    ]

    def path(repository, quantization=""):
        found = find_by_reference(Reference(repository=repository, quantization=quantization), models)
        return found.path if found else None

    assert path("o/r") == "/a-Q4_K_M.gguf"
    assert path("O/R", "q8_0") == "/a-Q8_0.gguf"
    assert path("p/q") == "/b.gguf"
    assert path("o/r", "Q6_K") is None
    assert path("x/y") is None


def test_a_model_argument_means_a_path_before_anything_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "o").mkdir()
    (tmp_path / "o/r").write_bytes(b"GGUF")
    assert str(resolve_model("o/r", lambda: pytest.fail("looked"))) == "o/r"
    assert str(resolve_model("gone/x.gguf", lambda: pytest.fail("looked"))) == "gone/x.gguf"
    assert str(resolve_model("o/q")) == "o/q"


def test_a_repository_that_is_on_disk_can_be_given_for_a_path():
    models = [local(("/m/a-Q8_0.gguf", 1), repository="o/r", quantization="Q8_0")]
    assert str(resolve_model("o/r:Q8_0", lambda: models)) == "/m/a-Q8_0.gguf"
    with pytest.raises(AppError, match="not on disk") as caught:
        resolve_model("o/r:Q4_0", lambda: models)
    assert "sawhorse download o/r:Q4_0" in caught.value.hint
