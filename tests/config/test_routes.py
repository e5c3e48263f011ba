"""`[alerts.routes]`: addresses, and secrets that a config names and never holds."""

from __future__ import annotations

import pytest

from deskmon.cli.doctor import routes
from deskmon.config.loading import examine, load


def problems(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return [str(problem) for problem in examine(path).problems]


def route(*lines):
    return "\n".join(("[alerts.routes.phone]", *lines)) + "\n"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (['type = "webhook"'], "alerts.routes.phone.url: missing"),
        (['type = "webhook"', 'url = "mqtt://h/x"'], "write https://HOST/PATH"),
        (['type = "ntfy"', 'url = "https://me:geheim@h/x"'], "an address carries no user and no password"),
        (['type = "mqtt"', 'url = "https://h/x"'], "write mqtts://HOST/TOPIC"),
        (['type = "mqtt"'], "alerts.routes.phone.url: missing"),
        (['type = "ntfy"', 'url = "env:A"', 'proxy = "http://a:geheim@h:1"'], "proxy: an address carries no user"),
        (
            ['type = "ntfy"', 'url = "env:A"', 'proxy = "socks5://h:1"'],
            "proxy of HTTP, not of SOCKS; write http://HOST:PORT",
        ),
        (['type = "ntfy"', 'url = "https://h:99999/x"'], "a port from 1 to 65535"),
        (['type = "webhook"', 'url = "env:A"', 'proxy = "http://h:99999"'], "a port from 1 to 65535"),
        (['type = "mqtt"', 'url = "mqtt://h/t"', 'proxy = "http://h:1"'], "only webhook and ntfy go through it"),
        (['type = "apprise"', 'url = "tgram://geheim/1"'], "an address of apprise is a secret"),
        (['type = "ntfy"', 'url = "https://h/x"', 'token = "geheim"'], "a secret doesn't stand in a config"),
        (['type = "ntfy"', 'url = "https://h/x"', "severities = []"], "nothing is sent on this route"),
        (['type = "ntfy"', 'url = "https://h/x"', 'quiet = "07:00-07:00"'], "begins and ends at the same time"),
        (['type = "ntfy"', 'url = "https://[h/x"'], "no address"),
    ],
)
def test_what_cannot_be_meant_is_said_and_no_secret_repeated(lines, words, tmp_path):
    [problem] = problems(tmp_path / "deskmon.toml", route(*lines))
    assert words in problem
    assert "geheim" not in problem


def test_a_file_with_a_secret_that_others_can_read_is_named(tmp_path):
    [problem] = problems(tmp_path / "deskmon.toml", route('type = "apprise"', 'url = "tgram://geheim/1"'), 0o644)
    assert "chmod 600" in problem and "geheim" not in problem


@pytest.mark.parametrize(
    "text",
    [
        route('type = "webhook"', 'url = "http://10.0.0.7:8080/x?y=1"', 'token = "env:T"', 'quiet = "22:00-06:00"'),
        route('type = "apprise"', 'url = "file:~/phone"'),
        '[mqtt]\nurl = "mqtt://h/desk"\n' + route('type = "mqtt"'),
        '[alerts]\nheartbeat = "mqtts://h/beat"\n',
        '[alerts]\nheartbeat = "env:HEALTHCHECK"\n',
    ],
)
def test_what_can_be_meant_is_no_problem(text, tmp_path):
    assert problems(tmp_path / "deskmon.toml", text) == []


def test_a_heartbeat_has_an_address(tmp_path):
    [problem] = problems(tmp_path / "deskmon.toml", '[alerts]\nheartbeat = "healthchecks"\n')
    assert "alerts.heartbeat" in problem


def test_the_doctor_opens_each_route(tmp_path, monkeypatch):
    path = tmp_path / "deskmon.toml"
    path.write_text(
        route('type = "webhook"', 'url = "env:HOOK"') + '[alerts.routes.mail]\ntype = "apprise"\nurl = "env:NONE"\n'
    )
    monkeypatch.setenv("HOOK", "https://hooks.example/geheim")
    found = list(routes(load(path).config))
    assert [(each.state, each.what) for each in found] == [("ok", "route phone"), ("fail", "route mail")]
    assert "$NONE is not set" in found[1].detail
    assert not any("geheim" in each.detail for each in found)
