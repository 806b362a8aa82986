"""``sawhorse chat --tools``: calls, approvals and results as scripts see them; real model, real tools.

The model has random weights, so a grammar holds its pen: every reply is the one call the grammar allows.
"""

import json

import pytest

from app.tools.builtin import SPECS
from tests.app.command_line import run
from tests.app.test_cli_chat import failed


@pytest.fixture
def workspace(tmp_path, own_home):
    """A folder with a file; only two tools are offered, and a run asks after two replies."""
    off = [spec.name for spec in SPECS if spec.name not in {"read_file", "write_file"}]
    (own_home / "settings.json").write_text(json.dumps({"tools_off": off, "run_limits": {"turns": 2}}))
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "a.txt").write_text("alpha\n")
    return folder


def call(name, **arguments):
    """Return a grammar that allows one call, in the form of the model's template."""
    lines = [f"<function={name}>"]
    for key, value in arguments.items():
        lines += [f"<parameter={key}>", value, "</parameter>"]
    text = "\n".join(["<tool_call>", *lines, "</function>", "</tool_call>"])
    return f"root ::= {json.dumps(text)}"


def chat(model, folder, grammar, *options):
    flags = ("--temp", "0", "-c", "8192", "--json", "--tools", "--workspace", str(folder), "--grammar", grammar)
    done = run("chat", str(model), "-p", "Do it.", *flags, *options)
    assert done.returncode == 0, done
    values = [json.loads(line) for line in done.stdout.splitlines()]
    return (
        done,
        {kind: [value for value in values if value["type"] == kind] for kind in ("tool_call", "tool_result")},
        (values[-1]),
    )


def test_reading_runs_unasked_and_nothing_is_read_twice(tiny_model, workspace):
    done, told, end = chat(tiny_model, workspace, call("read_file", path="a.txt"))
    assert [value["name"] for value in told["tool_call"]] == ["read_file"] * 2
    assert told["tool_call"][0]["arguments"] == {"path": "a.txt"}
    assert told["tool_call"][0]["raw"].startswith("<tool_call>")
    first, _second = told["tool_result"]
    assert (first["id"], first["outcome"]) == (told["tool_call"][0]["id"], "done")
    assert "alpha" in first["content"]
    assert end["type"] == "turn_end"
    (before,) = end["earlier"]
    assert end["stats"]["reused_tokens"] == before["context_tokens"]
    assert end["stats"]["processed_tokens"] < 200
    assert "note: It made 2 replies" in done.stderr


def test_where_nobody_can_be_asked_writing_is_refused(tiny_model, workspace):
    _done, told, _end = chat(tiny_model, workspace, call("write_file", path="b.txt", content="beta"))
    assert {value["outcome"] for value in told["tool_result"]} == {"denied"}
    assert "Nobody can be asked" in told["tool_result"][0]["content"]
    assert not (workspace / "b.txt").exists()


def test_writing_can_be_allowed_beforehand(tiny_model, workspace):
    grammar = call("write_file", path="b.txt", content="beta")
    _done, told, _end = chat(tiny_model, workspace, grammar, "--approve", "sandbox")
    assert told["tool_result"][0]["outcome"] == "done"
    assert (workspace / "b.txt").read_text().strip() == "beta"


def test_tools_need_a_folder(tiny_model, tmp_path):
    failed(run("chat", str(tiny_model), "-p", "Hi", "--tools"), "No folder was chosen", "--workspace")
    failed(run("chat", str(tiny_model), "-p", "Hi", "--workspace", str(tmp_path / "gone")), "cannot be opened", "gone")
