"""The file of servers, its references, and the files of other programs."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from app.errors import AppError
from app.tools.mcp.config import McpFile, McpServer, expanded
from app.tools.mcp.environment import server_environment
from app.tools.mcp.importing import FoundFile, find_files, read_file


def written(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_servers_survive_a_restart_and_only_the_owner_can_read_them(tmp_path):
    file = McpFile(tmp_path / "mcp.json")
    server = McpServer(name="a", command="node", args=("x.js",), env={"KEY": "secret"}, is_enabled=False)
    remote = McpServer(name="b", url="https://example.org/mcp", headers={"Authorization": "Bearer x"})
    file.put(server)
    file.put(remote)
    assert McpFile(tmp_path / "mcp.json").servers == (server, remote)
    assert stat.S_IMODE((tmp_path / "mcp.json").stat().st_mode) == 0o600
    assert "secret" not in repr(server)
    assert "Bearer" not in repr(remote)


def test_what_is_not_ours_in_the_file_stays(tmp_path):
    entries = {"a": {"command": "x", "autoApprove": ["y"]}, "odd": {"command": 3}}
    path = written(tmp_path / "mcp.json", {"theme": "hay", "mcpServers": entries})
    file = McpFile(path)
    assert [server.name for server in file.servers] == ["a"]
    assert "odd" in file.notices[0].title
    file.put(McpServer(name="renamed", command="x", args=("1",)), "a")
    raw = json.loads(path.read_text())
    assert raw["theme"] == "hay"
    assert raw["mcpServers"] == {
        "renamed": {"autoApprove": ["y"], "command": "x", "args": ["1"]},
        "odd": {"command": 3},
    }
    file.remove("renamed")
    assert json.loads(path.read_text())["mcpServers"] == {"odd": {"command": 3}}


def test_damaged_file_is_set_aside(tmp_path):
    path = written(tmp_path / "mcp.json", '{"mcpServers": ')
    file = McpFile(path)
    assert file.servers == ()
    assert "mcp.json.bad" in file.notices[0].message
    assert (tmp_path / "mcp.json.bad").read_text() == '{"mcpServers": '


def test_two_servers_cannot_have_one_name(tmp_path):
    file = McpFile(tmp_path / "mcp.json")
    file.put(McpServer(name="a", command="x"))
    file.put(McpServer(name="b", command="x"))
    with pytest.raises(AppError, match="already"):
        file.put(McpServer(name="a", command="y"), "b")


@pytest.mark.parametrize(
    "entry", [{}, {"command": "x", "url": "http://y"}, {"type": "sse", "url": "http://y"}, {"command": ["x"]}, 7]
)
def test_entry_that_is_neither_a_program_nor_an_address_is_a_notice(tmp_path, entry):
    file = McpFile(written(tmp_path / "mcp.json", {"mcpServers": {"a": entry}}))
    assert (file.servers, len(file.notices)) == ((), 1)


def test_references_are_filled_in_from_what_is_named_and_nothing_else():
    server = McpServer(
        name="a",
        url="https://${HOST}/mcp",
        env={"HOST": "${WHERE:-example.org}", "TOKEN": "${TOKEN}"},
        headers={"Authorization": "Bearer ${TOKEN}"},
    )
    full = expanded(server, {"TOKEN": "t", "HOME": "/home/me"})
    assert (full.url, full.headers) == ("https://example.org/mcp", {"Authorization": "Bearer t"})
    with pytest.raises(AppError, match="HOME is not set"):
        expanded(McpServer(name="a", command="x", args=("${HOME}",)), {"HOME": "/home/me"})
    with pytest.raises(AppError, match="TOKEN is not set"):
        expanded(server, {})


def test_value_from_the_environment_is_not_read_as_a_reference_again():
    server = McpServer(name="a", command="x", env={"A": "${B}"})
    assert expanded(server, {"B": "${SECRET}", "SECRET": "s"}).env == {"A": "${SECRET}"}


def test_server_gets_ordinary_variables_only():
    own = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "AWS_PROFILE": "p", "GH_PAT": "s", "SSH_AUTH_SOCK": "/s"}
    assert server_environment(own, {"X": "1"}) == {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "X": "1"}


def test_usual_places_are_found_but_not_read(tmp_path):
    home, folder = tmp_path / "home", tmp_path / "work"
    written(home / ".cursor" / "mcp.json", "not even JSON")
    written(home / ".config" / "zed" / "settings.json", "{}")
    written(folder / ".mcp.json", "{}")
    found = find_files(home, folder, {})
    assert [file.program for file in found] == ["Cursor", "Zed", "This folder"]
    assert [file.program for file in find_files(home, None, {})] == ["Cursor", "Zed"]


FORMS = {
    "Claude": {"mcpServers": {"a": {"command": "npx", "args": ["-y", "x"], "env": {"K": "v"}}}},
    "VS Code": '{ // comment\n"inputs": [], "servers": {"a": {"type": "stdio", "command": "npx", '
    '"args": ["-y", "x",], /* and */ "env": {"K": "v"}},},}',
    "Zed": {"context_servers": {"a": {"source": "custom", "command": "npx", "args": ["-y", "x"], "env": {"K": "v"}}}},
    "older Zed": {"context_servers": {"a": {"command": {"path": "npx", "args": ["-y", "x"], "env": {"K": "v"}}}}},
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_other_programs_are_understood(tmp_path, form):
    file = FoundFile(form, written(tmp_path / "mcp.json", FORMS[form]))
    (server,) = read_file(file, tmp_path).servers
    assert (server.command, server.args, server.env) == ("npx", ("-y", "x"), {"K": "v"})
    assert not server.is_enabled
    assert form in server.source


@pytest.mark.parametrize("key", ["url", "serverUrl", "httpUrl"])
def test_addresses_and_variables_of_other_programs_are_translated(tmp_path, key):
    entry = {key: "https://x.org/mcp", "headers": {"Authorization": "Bearer ${env:TOKEN}", "X": "${input:my-key}"}}
    read = read_file(FoundFile("x", written(tmp_path / "m.json", {"mcpServers": {"a": entry}})), tmp_path)
    (server,) = read.servers
    assert server.headers == {"Authorization": "Bearer ${TOKEN}", "X": "${MY_KEY}"}
    assert server.env == {"TOKEN": "${TOKEN}", "MY_KEY": "${MY_KEY}"}
    assert "my-key" in read.notes[0]


def test_folder_variables_of_a_workspace_are_filled_in(tmp_path):
    entry = {"command": "x", "args": ["${workspaceFolder}/src", "${userHome}"], "cwd": "${workspaceFolder}"}
    path = written(tmp_path / ".vscode" / "mcp.json", {"servers": {"a": entry}})
    (server,) = read_file(FoundFile("x", path, tmp_path), Path("/home/me")).servers
    assert server.args == (f"{tmp_path}/src", "/home/me")
    assert server.cwd == str(tmp_path)


def test_entries_that_cannot_be_used_are_notes_and_the_others_are_kept(tmp_path):
    entries = {"old": {"type": "sse", "url": "http://x/sse"}, "bad": {"command": 5}, "good": {"command": "x"}}
    read = read_file(FoundFile("x", written(tmp_path / "m.json", {"mcpServers": entries})), tmp_path)
    assert [server.name for server in read.servers] == ["good"]
    assert len(read.notes) == 2


@pytest.mark.parametrize("text", ["[1]", "{}", '{"mcpServers": 5}', '{"servers": null}'])
def test_file_without_servers_gives_none(tmp_path, text):
    assert read_file(FoundFile("x", written(tmp_path / "m.json", text)), tmp_path).servers == ()


def test_text_in_strings_is_no_comment(tmp_path):
    text = '{"mcpServers": {"a": {"command": "x", "args": ["http://y/*z*/", "a,}", "\\"//"]}}}'
    (server,) = read_file(FoundFile("x", written(tmp_path / "m.json", text)), tmp_path).servers
    assert server.args == ("http://y/*z*/", "a,}", '"//')


def test_unreadable_file_says_why(tmp_path):
    with pytest.raises(AppError, match="not JSON"):
        read_file(FoundFile("x", written(tmp_path / "m.json", "{,")), tmp_path)
    with pytest.raises(AppError, match="No such file"):
        read_file(FoundFile("x", tmp_path / "none.json"), tmp_path)
