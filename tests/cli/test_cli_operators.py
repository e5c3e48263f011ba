"""What an operator gets wrong is told in words, once, with the status of its kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deskmon.config.loading import examine
from deskmon.config.reading import exposed
from deskmon.errors import UsageError
from deskmon.scaffold import write


def written(text: str, mode: int = 0o600) -> Path:
    path = Path("deskmon.toml")
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("name", ["json", "asyncio", "test", "sys", "numpy", "deskmon", "textual"])
@pytest.mark.parametrize("kind", ["panel", "feed"])
def test_a_new_plug_in_never_hides_a_module_that_is_there(tmp_path: Path, kind, name: str):
    with pytest.raises(UsageError, match=f"{name!r} is the name of a module already"):
        write(kind, name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_new_panel_json_is_wrong_usage(run):
    result = run("new", "panel", "json")
    assert result.status == 2 and "'json' is the name of a module already" in result.err
    assert not Path("json.py").exists()


def test_a_hub_that_nobody_could_reach_is_wrong_usage(run):
    written('[feeds.demo]\ntype = "demo"\n')
    result = run("hub")
    assert result.status == 2
    assert "serve no screen" in result.err and "--listen unix:PATH" in result.err and result.err.count("\n") == 1


def test_a_journal_that_a_played_market_would_not_write_is_named_by_check_and_at_the_start(run):
    written('[feeds.demo]\ntype = "demo"\n[journal]\npath = "mine.jsonl"\n')
    result = run("check")
    assert result.status == 0
    assert "deskmon.toml:4: journal.path: warning: not used" in result.out and "`deskmon record`" in result.out
    assert "journal.path: warning: not used" in run("state", "--only", "at").err
    written('[feeds.live]\ntype = "ccxt"\nexchange = "okx"\n[journal]\npath = "mine.jsonl"\n')
    assert "journal.path" not in run("check").out


def test_a_missing_hub_is_named_once(run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("deskmon.cli.market.ATTACH_S", 0.2)
    said = run("state", "--attach", "unix:nowhere.sock").err
    assert said == (
        "deskmon: no hub answers at unix:nowhere.sock; start one with `deskmon hub --listen unix:nowhere.sock`\n"
    )


def test_a_hub_that_accepts_and_says_nothing_is_named_with_what_happened(run, monkeypatch: pytest.MonkeyPatch):
    import socket

    monkeypatch.setattr("deskmon.cli.market.ATTACH_S", 0.5)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("mute.sock")
        listening.listen()
        said = run("state", "--attach", "unix:mute.sock").err
    assert said.count("unix:mute.sock") == 2, "where, and the command that starts one"


@pytest.mark.parametrize(
    ("secret", "words"), [("file:secret", "chmod 600 secret"), ("file:gone", "name a file"), ("env:NO_SUCH", "export")]
)
def test_a_secret_that_cannot_be_used_is_a_fault_of_the_configuration(run, monkeypatch, secret: str, words: str):
    monkeypatch.delenv("NO_SUCH", raising=False)
    Path("secret").write_text("hunter2\n")
    Path("secret").chmod(0o644)
    written(
        f'[feeds.demo]\ntype = "demo"\n[mqtt]\nurl = "mqtt://localhost:1/desk"\nuser = "me"\npassword = "{secret}"\n'
    )
    result = run("hub")
    assert result.status == 2
    assert words in result.err and "hunter2" not in result.err and result.err.count("\n") == 1
    told = run("check")
    assert told.status == 0 and (words in told.out) == secret.startswith("file:")


def test_a_certificate_that_cannot_be_used_is_a_fault_of_the_configuration(run):
    Path("ca.pem").write_text("not PEM")
    written('[feeds.demo]\ntype = "demo"\n[mqtt]\nurl = "mqtts://localhost:1/desk"\nca = "ca.pem"\n')
    result = run("hub")
    assert result.status == 2 and "PEM files" in result.err


@pytest.mark.parametrize(("mode", "is_fine"), [(0o600, True), (0o644, True), (0o664, True), (0o666, False)])
def test_a_configuration_that_anyone_can_write_is_not_called_fine(run, mode: int, is_fine: bool):
    written("", mode)
    result = run("check")
    assert result.status == 0
    assert ("deskmon.toml: fine" in result.out) == is_fine
    assert ("anyone on this machine can write it; chmod o-w deskmon.toml" in result.out) == (not is_fine)
    listed = json.loads(run("check", "--json").out)
    assert [item["severity"] for item in listed] == ["warning"] * (not is_fine)


def test_a_shared_file_that_anyone_can_write_is_told_too(run):
    Path("team.toml").write_text("")
    Path("team.toml").chmod(0o666)
    written('extends = "team.toml"\n')
    assert "team.toml: warning: anyone on this machine can write it" in run("check").out
    written('extends = "team.toml"\n[desk]\nfps = "x"\n')
    assert "team.toml: warning: anyone" in run("check").out, "also where the desk won't start"


def test_a_file_in_a_folder_of_everyone_can_be_replaced(tmp_path: Path):
    path = tmp_path / "deskmon.toml"
    path.touch(0o600)
    tmp_path.chmod(0o777)
    assert exposed(path) == f"anyone on this machine can replace it; chmod o-w {tmp_path}"
    tmp_path.chmod(0o1777)
    assert exposed(path) == ""
    assert examine(path).files == (path,)


def test_a_journal_for_a_folder_that_is_missing_is_a_warning(run, elsewhere):
    Path("deskmon.toml").write_text('[journal]\npath = "away/desk.jsonl"\n')
    result = run("check")
    assert result.status == 0
    assert result.out.startswith('deskmon.toml:2: journal.path: warning: no folder "away", so no journal is written')
    Path("away").mkdir()
    assert run("check").out.endswith("fine\n")
    assert "is a folder; name a file in it" in run("check", "--set", "journal.path=away").out


@pytest.mark.parametrize("text", ["mqtt.password=hunter2", "mqtt.url=mqtt://me:hunter2@broker/desk"])
def test_a_secret_on_the_command_line_is_placed_there_and_no_file_is_blamed(run, elsewhere, text):
    Path("deskmon.toml").write_text('[mqtt]\nuser = "me"\n')
    Path("deskmon.toml").chmod(0o644)
    result = run("check", "--set", text)
    assert result.out.startswith(f"--set: {text.partition('=')[0]}: ")
    assert "choose another secret" in result.out and "chmod" not in result.out and "hunter2" not in result.out
    assert result.err == "deskmon: 1 problem in --set, the desk won't start\n"


def test_a_secret_that_set_names_is_placed_at_set(run, elsewhere):
    Path("secret").write_text("x")
    Path("secret").chmod(0o644)
    result = run("check", "--set", "mqtt.user=me", "--set", "mqtt.password=file:secret")
    assert result.out == "--set: mqtt.password: warning: secret can be read by others; chmod 600 secret\n"
