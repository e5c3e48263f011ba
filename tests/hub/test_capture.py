"""A capture holds what a venue said, and nothing of whoever listened."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import random
import string
from base64 import b64decode

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import ManualClock
from deskmon.config.schema import FeedConfig
from deskmon.errors import DeskError
from deskmon.hub.capture import Capture, capture
from deskmon.hub.redaction import NOWHERE, REDACTED, is_login, is_private, redact, redact_options, redact_url
from tests.ccxt.desk import RECORDED, recorded
from tests.ccxt.replay_server import read
from tests.hub.market import T0, load

SECRET = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
secrets = st.text(string.ascii_letters + string.digits, min_size=16, max_size=64)
NAMES = """apiKey api_key X-API-KEY secret signature listenKey passphrase token accessToken access_token sign cookie
Authorization sessionId session_id"""
names = st.sampled_from(NAMES.split())


@given(name=names, secret=secrets)
def test_no_secret_by_its_name_is_left_in_frames_addresses_and_options(name, secret):
    inner = json.dumps({name: secret})
    for text in (inner, json.dumps({"data": [{"a": 1, name: secret}]}), json.dumps({"wrapped": inner})):
        assert secret not in redact(text)
        json.loads(redact(text))
    assert secret not in redact_url(f"https://user:{secret}@venue.com/api?symbol=BTC&{name}={secret}")
    assert secret not in json.dumps(redact_options({"deep": [{name: secret}], "proxy": f"http://me:{secret}@proxy"}))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('{"ip":"93.184.216.34"}', '{"ip":"0.0.0.0"}'),
        ("Service unavailable from 93.184.216.34, sorry", f"Service unavailable from {NOWHERE}, sorry"),
        ('{"client":"2001:db8::7334:1"}', '{"client":"::"}'),
        ('{"token":"USDC","key":"open","p":"1.2.3"}', '{"token":"USDC","key":"open","p":"1.2.3"}'),
        *[(same, same) for same in ('{"t":"2026-08-09T21:05:48.228Z","v":"1.8.3","x":"::"}', "BTC::USD 12:30:00")],
        ('{"api_key":"x"}', f'{{"api_key":"{REDACTED}"}}'),
    ],
)  # fmt: skip
def test_addresses_and_short_keys_are_taken_out_and_market_data_stays(text, clean):
    assert redact(text) == clean


def test_an_address_without_secrets_stays_as_it_was_sent():
    for url in ("https://api.bybit.com/v5/market/instruments-info?&category=linear&limit=1000", "wss://v.com/ws/b@a"):
        assert redact_url(url) == url
    assert redact_url(f"wss://v.com/ws/{SECRET}{SECRET}") == f"wss://v.com/ws/{REDACTED}"


@recorded
@pytest.mark.parametrize("name", ["BYBIT", "BINANCE_FUTURES", "OKX", "DERIBIT", "COINBASE"])
def test_recorded_frames_stay_as_they_are_but_for_addresses(name):
    for line in read(RECORDED / f"frames/{name}.jsonl.zst")[:600]:
        assert redact(line.get("data") or "") == (line.get("data") or "")


@pytest.mark.parametrize(
    ("url", "headers", "private"),
    [
        ("https://v.com/api?symbol=BTC", ["User-Agent", "Accept-Encoding"], False),
        ("https://v.com/api?symbol=BTC&signature=1", [], True),
        ("https://v.com/api", ["X-MBX-APIKEY"], True),
        ("https://v.com/api", ["OK-ACCESS-SIGN"], True),
        ("https://v.com/api", ["Authorization"], True),
        ("https://v.com/api", ["Cookie"], True),
        ("wss://v.com/public?token=abc&connectId=1", [], False),
        (f"wss://v.com/ws/{SECRET}{SECRET}", [], True),
    ],
)
def test_what_is_asked_with_somebodys_key_is_private(url, headers, private):
    assert is_private(url, headers) is private


@pytest.mark.parametrize("message", [{"op": "auth", "args": ["k", 1, "s"]}, {"op": "login"}, {"method": "public/auth"},
                                     {"event": "login"}, {"method": "server.auth"}])  # fmt: skip
def test_a_login_is_known_and_a_subscription_is_none(message):
    assert is_login(message)
    assert not is_login({"op": "subscribe", "args": ["auth.BTC"]})
    assert not is_login("ping")


def lines(path):
    with path.open("rb") as file:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        return [json.loads(line) for line in text]


@pytest.fixture
def tape(tmp_path):
    feed = FeedConfig(type="ccxt", options={"exchange": "bybit", "proxy": f"http://me:{SECRET}@10.0.0.7:1"})
    return Capture(tmp_path / "cap.jsonl.zst", "mine", feed, ManualClock(T0))


def test_private_answers_and_all_after_a_login_are_left_out_and_counted(tape):
    tape.answered("GET", "https://v.com/time", None, ["User-Agent"], 200, '{"ip":"93.184.216.34"}')
    tape.answered("GET", f"https://v.com/account?signature={SECRET}", None, [], 200, '{"balance":"12345"}')
    public, private = tape.connected("wss://v.com/public"), tape.connected("wss://v.com/private")
    tape.sent(private, {"op": "auth", "args": ["key", 1, SECRET]})
    tape.received(private, '{"balance":"12345"}', '{"balance":"12345"}')
    tape.sent(public, {"op": "subscribe", "args": ["a"]})
    tape.received(public, '{"a":1}', '{"a":1}')
    tape.close()
    written = lines(tape.path)
    assert [line["t"] for line in written] == ["header", "http", "connect", "connect", "send", "recv"]
    text = json.dumps(written)
    assert not any(word in text for word in (SECRET, "12345", "93.184", "10.0.0.7"))
    assert (tape.answers, tape.frames, tape.withheld) == (1, 1, 3)
    assert written[0]["options"] == {"exchange": "bybit"}
    assert written[1]["ts"] == T0 / 1000


def test_packed_frames_are_kept_as_they_came_unless_they_hold_an_address(tape):
    number = tape.connected("wss://v.com")
    for text in ('{"a":1}', '{"ip":"93.184.216.34"}'):
        tape.received(number, gzip.compress(text.encode()), text)
    tape.received(number, b"\x00\xff\x10", None)
    tape.received(number, b"\x00 93.184.216.34 ", None)
    tape.close()
    kept, clean, binary = lines(tape.path)[2:]
    assert gzip.decompress(b64decode(kept["b64"])) == b'{"a":1}'
    assert clean["data"] == '{"ip":"0.0.0.0"}'
    assert b64decode(binary["b64"]) == b"\x00\xff\x10"
    assert tape.withheld == 1


def test_a_capture_ends_where_it_is_full_and_says_so(tmp_path):
    tape = Capture(tmp_path / "cap.jsonl.zst", "mine", FeedConfig(type="ccxt"), ManualClock(T0), most_bytes=3_000)
    number = tape.connected("wss://v.com")
    for _ in range(100):
        tape.received(number, "x" * 100, "x" * 100)
    tape.close()
    assert tape.ended.is_set() and "as long as" in tape.trouble
    assert 0 < tape.frames < 30 and len(lines(tape.path)) == tape.frames + 2


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "cap.jsonl.zst").write_text("kept")
    with pytest.raises(DeskError, match="can't be written"):
        Capture(tmp_path / "cap.jsonl.zst", "mine", FeedConfig(type="ccxt"), ManualClock(T0))
    assert (tmp_path / "cap.jsonl.zst").read_text() == "kept"


async def test_a_feed_that_tells_nothing_leaves_no_file_and_two_captures_of_a_day_are_two_files(tmp_path):
    over = asyncio.Event()
    over.set()
    tape, _, _ = await capture(
        "steady", FeedConfig(type="steady"), tmp_path / "new", over, load=load, clock=ManualClock(T0),
        rng=random.Random(1),
    )  # fmt: skip
    assert not tape.path.exists()
    tape.path.write_bytes(b"")
    again, _, _ = await capture(
        "steady", FeedConfig(type="steady"), tmp_path / "new", over, load=load, clock=ManualClock(T0),
        rng=random.Random(1),
    )  # fmt: skip
    assert again.path != tape.path
