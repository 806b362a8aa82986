"""What a person types or pastes for a repository is understood, or refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.reference import looks_like_reference, parse_reference
from app.errors import AppError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Qwen/Qwen3-Coder-Next-GGUF", ("Qwen/Qwen3-Coder-Next-GGUF", "", "", "")),
        ("  unsloth/X-GGUF:UD-Q4_K_XL ", ("unsloth/X-GGUF", "", "UD-Q4_K_XL", "")),
        ("a/b@v1.0", ("a/b", "v1.0", "", "")),
        ("hf.co/a/b:Q8_0", ("a/b", "", "Q8_0", "")),
        ("https://huggingface.co/a/b", ("a/b", "", "", "")),
        ("HTTPS://HuggingFace.co/a/b/", ("a/b", "", "", "")),
        ("https://huggingface.co/a/b?library=x#y", ("a/b", "", "", "")),
        ("https://huggingface.co/a/b/tree/main", ("a/b", "main", "", "")),
        ("https://huggingface.co/a/b/tree/main/Q8_0", ("a/b", "main", "", "Q8_0")),
        ("https://huggingface.co/a/b/tree/refs%2Fpr%2F2", ("a/b", "refs/pr/2", "", "")),
        (
            "https://huggingface.co/a/b/blob/main/Q8_0/x-00001-of-00002.gguf",
            ("a/b", "main", "", "Q8_0/x-00001-of-00002.gguf"),
        ),
        ("https://huggingface.co/a/b/resolve/main/x.gguf?download=true", ("a/b", "main", "", "x.gguf")),
        ("https://huggingface.co/a/b/discussions/3", ("a/b", "", "", "")),
        ("https://hf-mirror.com/a/b/tree/main", ("a/b", "main", "", "")),
        ("https://mirror.example:8080/a/b", ("a/b", "", "", "")),
        ("hf://a/b", ("a/b", "", "", "")),
    ],
)
def test_forms_of_a_hub_repository(text, expected):
    reference = parse_reference(text, ["mirror.example:8080"])
    assert (reference.repository, reference.revision, reference.quantization, reference.path) == expected
    assert reference.source == "huggingface"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("docker.io/ai/qwen3-coder-next", ""),
        ("docker.io/ai/qwen3-coder-next:80B-Q4_K_M", "80B-Q4_K_M"),
        ("docker://ai/qwen3-coder-next", ""),
        ("hub.docker.com/r/ai/qwen3-coder-next", ""),
        ("https://hub.docker.com/r/ai/qwen3-coder-next/tags", ""),
        ("https://hub.docker.com/repository/docker/ai/qwen3-coder-next/general", ""),
        ("https://hub.docker.com/layers/ai/qwen3-coder-next/latest/images/sha256-1", "latest"),
    ],
)
def test_forms_of_a_docker_repository(text, tag):
    reference = parse_reference(text)
    assert (reference.source, reference.repository, reference.quantization) == ("docker", "ai/qwen3-coder-next", tag)


@pytest.mark.parametrize(
    "text",
    [
        "", "qwen", "a/b/c", "../b", "a/..", "a/b:Q4 K", "a/b@../../x", "https://github.com/a/b", "ftp://hf.co/a/b",
        "https://huggingface.co/", "https://huggingface.co/a", "https://huggingface.co/datasets/a/b", "a--b/c", "-a/b",
        "https://huggingface.co/a/b/resolve/main/../../x.gguf", "https://huggingface.co/a/b/blob/main/a%5Cb.gguf",
        "C:\\models\\x.gguf", "/models/x.gguf", "a/b.git", "x" * 3000, "https://huggingface.co/spaces/a/b",
    ],
    ids=ascii,
)  # fmt: skip
def test_what_names_no_repository_is_refused_with_an_example(text):
    assert not looks_like_reference(text)
    with pytest.raises(AppError) as caught:
        parse_reference(text)
    assert "OWNER/NAME" in caught.value.hint


def test_a_dataset_is_named_as_one():
    with pytest.raises(AppError, match="dataset"):
        parse_reference("https://huggingface.co/datasets/a/b")


@given(st.text(max_size=80))
def test_no_text_makes_it_fail_in_another_way(text):
    try:
        reference = parse_reference(text)
    except AppError:
        return
    assert reference.repository.count("/") == 1
    assert ".." not in reference.path + reference.revision + reference.repository
