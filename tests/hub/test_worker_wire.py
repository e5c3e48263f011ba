"""What a feed's own process may say to the hub has the bounds that a feed in the hub has."""

from __future__ import annotations

import logging

import msgspec
import pytest

from deskmon.errors import DeskError
from deskmon.events import PinnedLevel, encode_event
from deskmon.hub.own_process import OwnProcess
from deskmon.hub.worker import Outbox
from deskmon.transport import worker_wire as wire
from tests.hub.market import T0, trade
from tests.hub.test_own_process import Far, running
from tests.hub.waiting import until

LINE = {"level": 30, "logger": "acme", "text": "low"}
HOLD = {"seconds": 1.0, "where": "a.py:1 in run", "over": True}
SAID = {"state": "live", "detail": "well", "channels": {"trades": "live"}}
FULL = {
    "type": "turn", "said": SAID, "conflated": 1, "dropped": 2, "rejected": 3, "samples": [["message", "reason"]] * 5,
    "reconnects": 4, "holds": [HOLD] * 5, "lines": [LINE] * 200,
}  # fmt: skip


def heard(message: dict) -> object:
    return wire.unpack_from_worker(msgspec.json.encode(message))


def test_a_turn_within_its_bounds_is_heard() -> None:
    assert isinstance(heard(FULL), wire.Turn)


@pytest.mark.parametrize(
    "more",
    [
        {"conflated": -5}, {"dropped": -1}, {"rejected": 10**10}, {"reconnects": 10**18}, {"reconnects": 1.5},
        {"samples": [["message", "reason"]] * 6}, {"samples": [["m" * 501, "reason"]]},
        {"holds": [HOLD] * 6}, {"holds": [HOLD | {"seconds": 1e308}]}, {"holds": [HOLD | {"where": "x" * 501}]},
        {"lines": [LINE] * 201}, {"lines": [LINE | {"text": "x" * 4_001}]}, {"lines": [LINE | {"level": -1}]},
        {"lines": [LINE | {"logger": "x" * 101}]},
        {"said": SAID | {"detail": "x" * 501}}, {"said": SAID | {"channels": {"x" * 101: "live"}}},
        {"said": SAID | {"channels": {str(number): "live" for number in range(1_001)}}},
    ],
)  # fmt: skip
def test_a_turn_beyond_its_bounds_is_refused(more: dict) -> None:
    with pytest.raises(DeskError, match="no event and no message"):
        heard(FULL | more)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "ready", "quiet_s": 1e308}, {"type": "ready", "quiet_s": -1.0},
        {"type": "ended", "words": "x" * 501, "final": True},
        {"type": "ended", "words": "", "final": True, "trace": "x" * 8_001},
        {"type": "ask", "number": -1, "what": "claim_candles", "venue": "okx", "symbol": "BTC"},
        {"type": "ask", "number": 1, "what": "claim_candles", "venue": "okx", "symbol": "x" * 501},
    ],
)  # fmt: skip
def test_other_messages_have_bounds_too(message: dict) -> None:
    with pytest.raises(DeskError, match="no event and no message"):
        heard(message)


def test_what_emit_refuses_a_process_can_not_send_past_it() -> None:
    assert wire.unpack_from_worker(encode_event(trade(1))) == trade(1)
    with pytest.raises(DeskError, match="no event and no message"):
        wire.unpack_from_worker(encode_event(PinnedLevel(ts=T0, symbol="BTC", price=1.0, label="mine")))


def test_whatever_a_feed_does_its_process_stays_within_the_bounds() -> None:
    outbox = Outbox("far")
    outbox.say("live", "x" * 10_000, {f"{number}{'n' * 200}": "w" * 1_000 for number in range(3_000)})
    for number in range(300):
        outbox._log_limit.allows = lambda now: True
        outbox.reject("m" * 1_000, "r" * 1_000)
        outbox.emit(logging.LogRecord("l" * 500, 10**20 * (-1) ** number, "", 0, "t" * 10_000, None, None))
    _, turn = outbox.take()
    assert wire.unpack_from_worker(msgspec.json.encode(turn)) == turn


def test_the_names_of_a_processs_loggers_are_not_kept(caplog) -> None:
    far = Far("asks")
    process = OwnProcess("far", far.supervisor._config, far.supervisor)
    lines = [wire.Line(logging.WARNING, f"thought.up.{number}", "low") for number in range(3)]
    process._hear_message(wire.Turn(lines=lines), None)
    assert "feed far: thought.up.2: low" in caplog.text
    assert not [name for name in logging.root.manager.loggerDict if name.startswith("thought")]


async def test_a_process_whose_feed_speaks_no_unicode_is_heard_to_its_end(acme, caplog) -> None:
    async with running("garbles") as far:
        await until(lambda: far.naps)
        assert far.said() == ["after"]
        assert far.status().detail.startswith("RuntimeError: half of a \ufffd; next attempt in ")
        assert far.status().channels == {"tr\ufffdades": "sl\ufffdow"}
        assert far.status().rejected == 2
    assert "feed far: gar\ufffdbled: lo\ufffdw" in caplog.text
