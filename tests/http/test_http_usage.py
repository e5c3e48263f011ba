"""What `deskmon hub --http` refuses before anything begins."""

from __future__ import annotations

import pytest

from deskmon.cli import main


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--http", "x"], "--http 'x' is no address"),
        (["--http", "0.0.0.0:8080"], "can be reached from elsewhere, and there is no token; set [http] token"),
        (["--http", "8080", "--set", "http.token=env:NOBODY_SETS_THIS"], "http.token: $NOBODY_SETS_THIS is not set"),
        (["--http", "8080", "--set", "http.token=env:HOME_OF_TOKENS"], "http.token: a token has 16 letters"),
        (["--http", "99999"], "--http '99999' is no address"),
        (["--http", "8080", "--set", 'http.hosts=["desk.example", "https://desk.example/"]'], "http.hosts[1]: no name"),
        (["--http", "8080", "--set", 'http.hosts=["desk.example:8080"]'], "write it without scheme, port and path"),
        (["--http", "8080", "--set", 'http.hosts=["-desk..example"]'], "http.hosts[0]: no name of a host"),
        (["--http", "8080", "--set", "http.token=hunter2hunter2hunter2"], "a secret doesn't stand in a config"),
    ],
)  # fmt: skip
def test_what_no_server_may_be_is_wrong_usage(argv, words, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME_OF_TOKENS", "short")
    assert main(["hub", *argv]) == 2
    said = capsys.readouterr().err
    assert words in said and "hunter2" not in said
