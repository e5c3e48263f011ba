"""`[mqtt]`: addresses, and secrets that a config names and never holds."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.config.loading import examine
from deskmon.config.schema import MqttConfig
from deskmon.config.secrets import credentials
from deskmon.errors import DeskError, UsageError
from deskmon.events import Candle, Metric, Option, Ticker
from deskmon.mqtt.client.topics import address
from deskmon.secrets import read_secret
from tests.hub.market import T0


def test_addresses_of_desks():
    assert address("mqtts://broker.example/desk") == ("broker.example", 8883, True, "desk")
    assert address("mqtt://10.0.0.7:1884/night.desk-2") == ("10.0.0.7", 1884, False, "night.desk-2")
    assert str(address("mqtt://[::1]/desk")) == "mqtt://[::1]:1883/desk"


@pytest.mark.parametrize(
    "wrong",
    ["", "mqtt://host", "mqtt://host/", "mqtt:///desk", "mqtt://host/a/b", "mqtt://host/#", "mqtt://host/a+b",
     "http://host/desk", "mqtt://host:x/desk", "mqtt://host:0/desk", "mqtt://host/desk?x=1", "mqtt://host/desk#x",
     "mqtt://host/" + "d" * 33],
)  # fmt: skip
def test_what_is_no_address_says_what_one_looks_like(wrong):
    with pytest.raises(UsageError, match="mqtts://HOST/DESK"):
        address(wrong)


def test_an_address_with_a_password_is_refused_and_not_repeated():
    with pytest.raises(UsageError) as refused:
        address("mqtts://me:hunter2@host/desk")
    assert "hunter2" not in str(refused.value) and 'password = "env:NAME"' in str(refused.value)


@given(st.text(min_size=1, max_size=64), st.text(min_size=1, max_size=64))
def test_data_never_chooses_the_topic(venue, symbol):
    try:
        event = Ticker(ts=T0, venue=venue, symbol=symbol, last=1.0)
    except ValueError:
        return
    topic = address("mqtt://h/desk").topic(event)
    assert topic.startswith("deskmon/v1/desk/ticker/") and topic.count("/") == 5
    assert topic.isascii() and topic.isprintable() and not set(topic) & set("+#$ ")


def test_topics_of_kinds():
    at = address("mqtt://h/desk")
    candle = Candle(
        ts=T0,
        venue="okx",
        symbol="BTC/USDT:USDT",
        timeframe="1m",
        open_time=T0,
        open=1,
        high=1,
        low=1,
        close=1,
        volume=1,
    )
    assert at.topic(candle) == "deskmon/v1/desk/candle/okx/BTC%2FUSDT%3AUSDT/1m"
    assert at.topic(Metric(ts=T0, name="us10y", value=4.2)) == "deskmon/v1/desk/metric/us10y"
    option = Option(ts=T0, venue="deribit", underlying="BTC", expiry=T0, strike=60e3, kind="put", underlying_price=60e3)
    assert at.topic(option) == f"deskmon/v1/desk/option/deribit/BTC/{T0}/60000.0/put"


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "deskmon.toml"

    def write(text, mode=0o600):
        path.write_text(f"[mqtt]\n{text}\n")
        path.chmod(mode)
        return path

    return write


def problems(path):
    return [str(problem) for problem in examine(path).problems if problem.severity == "error"]


def test_a_secret_in_a_config_is_refused_with_what_to_do(config):
    [problem] = problems(config('user = "me"\npassword = "hunter2"'))
    assert 'password = "env:NAME"' in problem and "deskmon.toml:3" in problem
    assert "hunter2" not in problem and "chmod" not in problem
    [problem] = problems(config('user = "me"\npassword = "hunter2"', 0o644))
    assert "chmod 600" in problem and "choose another secret" in problem and "hunter2" not in problem
    [problem] = problems(config('url = "mqtts://me:hunter2@host/desk"', 0o644))
    assert "hunter2" not in problem and "chmod 600" in problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('url = "http://host/desk"', "mqtts://HOST/DESK"),
        ('hub = "a/b"', "1 to 24 letters"),
        ('password = "env:X"', "goes with a user"),
        ('certificate = "a.pem"', "go together"),
        ('passwort = "x"', "did you mean 'password'"),
    ],
)
def test_what_cannot_be_meant_is_said(config, text, words):
    assert any(words in problem for problem in problems(config(text)))
    assert not problems(config('url = "mqtts://host/desk"\nuser = "me"\npassword = "env:X"\nhub = "tokyo"'))


def test_secrets_are_read_where_they_are(tmp_path):
    file = tmp_path / "secret"
    file.write_text("hunter2\nsecond line\n")
    file.chmod(0o600)
    assert read_secret(f"file:{file}", "mqtt.password") == "hunter2"
    assert read_secret("env:PW", "mqtt.password", {"PW": "swordfish"}) == "swordfish"
    who = credentials(MqttConfig(user="me", password=f"file:{file}", ca=str(file)))
    assert (who.user, who.password, who.ca) == ("me", "hunter2", str(file))
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(DeskError, match=f"chmod 600 {file}"):
            read_secret(f"file:{file}", "mqtt.password")
        with pytest.raises(DeskError, match=f"chmod 600 {file}"):
            credentials(MqttConfig(certificate=str(file), key=str(file)))


def test_a_secret_that_is_not_there_is_said(tmp_path):
    empty = tmp_path / "empty"
    empty.touch(0o600)
    for reference, words in (
        ("env:NOT_SET", "export NOT_SET"), ("plain", "env:NAME"), (f"file:{tmp_path}/none", "no such file"),
        (f"file:{tmp_path}", "is no file"), (f"file:{empty}", "is empty"),
    ):  # fmt: skip
        with pytest.raises(DeskError, match=words):
            read_secret(reference, "mqtt.password", {})


def test_the_screen_starts_without_an_mqtt_library():
    code = "import sys, deskmon.desk.app, deskmon.config.loading; print([m for m in sys.modules if 'mqtt' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
