"""Other programs publish into a desk: what is valid shows everywhere, what isn't moves a counter and nothing else."""

from __future__ import annotations

import json
import random

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deskmon.budget import Budget
from deskmon.clock import DAY, HOUR, LiveClock, wall_ms
from deskmon.events import MAX_TS, EtfFlow, Event, Headline, Liquidation
from deskmon.hub.supervisor import Supervisor
from deskmon.mqtt.hub.ingest import AHEAD_MS, BURST, KINDS, MAX_BYTES, RATE, printable, read
from tests.hub.market import T0
from tests.hub.waiting import until
from tests.mqtt.desks import hub_at, program, screen_at
from tests.mqtt.mosquitto import mosquitto

HOSTILE = {
    "OSC 52, the clipboard": "\x1b]52;c;cm0gLXJmIC8=\x07",
    "OSC 8, a link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "CSI": "\x1b[2J\x1b[31mred",
    "C1": "\x9b2J\x9d52;c;AA\x9c",
    "bell and backspace": "gone\x08\x08\x08\x07",
    "line feeds": "one\nTWO\r\nthree\u2028four",
    "bidi override": "safe \u202egnp.exe",
    "bidi isolates": "\u2066a\u2067b\u2069",
    "invisible": "a\u200bb\ufeffc\u2060d",
    "tags": "x\U000e0041\U000e007f",
    "Rich markup": "[bold red]sell everything[/bold red]",
    "Textual action": "[@click=app.quit]BTC[/]",
    "link markup": "[link=http://evil.example]here[/link]",
    "theme variable": "[$error]down[/]",
}
FIELDS = {
    "headline": ("text", "source", "url"),
    "etf_flow": ("asset", "fund", "date", "source"),
    "metric": ("name", "unit", "source"),
    "holding": ("entity", "asset", "note"),
    "holding_trade": ("entity", "asset"),
    "liquidation": ("venue", "symbol", "id"),
    "ticker": ("venue", "symbol"),
}
GOOD = {
    "headline": {"text": "ETF inflows rise"},
    "etf_flow": {"asset": "BTC", "fund": "IBIT", "date": "2025-01-03", "usd": -75e6},
    "metric": {"name": "fear_greed", "value": 9},
    "holding": {"entity": "Strategy", "asset": "BTC", "amount": 713502, "average_cost": 76052},
    "holding_trade": {"entity": "Strategy", "asset": "BTC", "amount": 855, "usd": 75.3e6},
    "liquidation": {
        "venue": "kraken", "symbol": "BTC/USD:USD", "side": "long", "price": 60e3, "amount": 1, "usd": 60e3, "id": "x1",
    },
    "ticker": {"venue": "kraken", "symbol": "BTC/USD", "last": 60e3},
}  # fmt: skip


def corpus() -> list[tuple[str, bytes]]:
    """Hostile text in every field that takes text, and as a key."""
    payloads = []
    for kind, fields in FIELDS.items():
        for text in HOSTILE.values():
            payloads += [(kind, json.dumps({**GOOD[kind], field: text}).encode()) for field in fields]
            payloads.append((kind, json.dumps({**GOOD[kind], text: 1}).encode()))
    return payloads


def malformed() -> list[tuple[str, bytes]]:
    """What is no event at all."""
    good = json.dumps(GOOD["headline"]).encode()
    texts = [
        b"", b"\xff\xfe", b"null", b"[]", good[:-1], b'{"text":' * 5_000, b"[" * 60_000, b'{"a":' + b"[" * 50_000,
        b'{"text":NaN}', b'{"text":"a","type":"metric"}', b'{"text":"a","ts":17}', b'{"text":"a","ts":"now"}',
        json.dumps({"text": "a", "ts": MAX_TS - 1}).encode(), json.dumps({"text": "x" * 2_001}).encode(),
        json.dumps({"text": "x" * (MAX_BYTES + 1)}).encode(),
    ]  # fmt: skip
    metrics = [b'{"name":"x"}', b'{"name":"x","value":"9"}', b'{"name":"x","value":true}', b'{"name":"","value":1}']
    ours = [
        "reset",
        "checkpoint",
        "journal",
        "pulse",
        "feed_status",
        "gap",
        "wave",
        "level",
        "pin",
        "note",
        "alert",
        "unheard_of",
    ]
    return [
        *(("headline", text) for text in texts),
        *(("metric", text) for text in metrics),
        *((kind, b"{}") for kind in ours),
        ("etf_flow", b'{"asset":"BTC","fund":"IBIT","date":"2025-01-03","usd":1e999}'),
        ("etf_flow", b'{"asset":"BTC","fund":"IBIT","date":"2099-02-06","usd":1}'),
        ("reset", json.dumps({"ts": T0}).encode()),
        ("pulse", json.dumps({"ts": T0, "seq": 1, "mode": "live"}).encode()),
    ]


@pytest.mark.parametrize("kind", GOOD)
def test_what_is_valid_is_read_and_stamped(kind):
    event = read(kind, json.dumps(GOOD[kind]).encode(), T0)
    assert type(event) is KINDS[kind]
    assert (event.ts, event.recv) == (T0, T0)
    assert read(kind, json.dumps({**GOOD[kind], "type": kind, "ts": T0 - 5, "recv": 7}).encode(), T0).ts == T0 - 5


@pytest.mark.parametrize("kind_and_payload", [*corpus(), *malformed()])
def test_what_is_hostile_or_malformed_is_refused_in_printable_words(kind_and_payload):
    with pytest.raises(ValueError) as refused:
        read(*kind_and_payload, T0)
    assert printable(str(refused.value))


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=200))
@example("headline", b'{"text":"\\ud800"}')
def test_bytes_are_an_event_or_refused(kind, payload):
    outcome(kind, payload)


@given(
    st.sampled_from(sorted(KINDS)),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=6),
        max_leaves=12,
    ),
    st.sampled_from(sorted(GOOD)),
)
def test_json_is_an_event_or_refused(kind, value, base):
    mixed = {**GOOD[base], **value} if isinstance(value, dict) else value
    outcome(kind, json.dumps(mixed).encode("utf-8", "replace"))


def outcome(kind, payload):
    try:
        event = read(kind, payload, T0)
    except ValueError:
        return
    assert isinstance(event, Event)
    encoded = msgspec.json.encode(event).decode()
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in encoded)


def test_a_time_may_be_a_minute_ahead_and_no_more():
    assert read("headline", json.dumps({"text": "a", "ts": T0 + AHEAD_MS}).encode(), T0).ts > T0
    with pytest.raises(ValueError, match="ahead"):
        read("headline", json.dumps({"text": "a", "ts": T0 + AHEAD_MS + 1}).encode(), T0)


def test_brackets_that_are_no_markup_may_be_news():
    event = read("headline", '{"text":"[UPDATE] Fed cuts 25 bp [1] (see notes) 日本 🚀"}'.encode(), T0)
    assert isinstance(event, Headline) and event.text.startswith("[UPDATE]")


def test_a_flood_is_looked_at_by_its_budget():
    now = [0.0]
    budget = Budget(RATE, BURST, lambda: now[0])
    assert sum(budget.spend() for _ in range(10_000)) == BURST
    now[0] += 1.0
    assert sum(budget.spend() for _ in range(10_000)) == RATE


@pytest.fixture
async def desk(tmp_path):
    async with mosquitto(tmp_path) as running:
        yield running


async def publish(client, kind, payload):
    await client.publish(f"deskmon/v1/desk/in/{kind}", payload, qos=1)


async def test_what_a_program_publishes_is_on_every_screen(desk):
    async with hub_at(desk.url(), "steady") as (hub, _), screen_at(desk.url()) as one, screen_at(desk.url()) as two:
        await until(lambda: listening(one) and listening(two))
        taken = []
        hub.stream.add(Watch(taken))
        async with program(desk.url()) as other:
            for kind, fields in GOOD.items():
                await publish(other, kind, json.dumps(fields))
            await until(lambda: one.feed("mqtt in").events == two.feed("mqtt in").events == len(GOOD))
        assert {type(event) for event in taken} >= {EtfFlow, Headline, Liquidation}
        assert "BTC/USD" in one.model.state(hub.now).prices
        assert one.model.state(hub.now).liquidations.windows["1h"].by_venue["kraken"].usd == 60e3


@pytest.mark.parametrize("step", [-HOUR, DAY])
async def test_what_is_published_stays_live_when_the_clock_of_the_hubs_machine_is_set(desk, step):
    set_ahead = [0]
    clock = LiveClock(lambda: wall_ms() + set_ahead[0])
    async with (
        hub_at(desk.url(), "steady", clock=clock) as (hub, endpoint),
        screen_at(desk.url()) as screen,
        program(desk.url()) as other,
    ):
        await until(lambda: endpoint.leads and listening(screen))

        async def shows(last):
            await publish(other, "ticker", json.dumps({**GOOD["ticker"], "last": last}))
            await until(lambda: screen.model.prices.price("BTC/USD") == last)
            price = screen.model.prices.figures(screen.model.pulse.ts)["BTC/USD"]
            assert price.age_ms < 30_000 and abs(screen.model.pulse.ts - hub.now) < 30_000

        await shows(60_001.0)
        set_ahead[0] = step
        await shows(60_002.0)
        await until(lambda: screen.feed("clock") is not None)
        assert screen.feed("clock").detail.endswith("the desk keeps its own time")
        set_ahead[0] = 0
        await shows(60_003.0)
        await until(lambda: screen.feed("clock").state == "live")


async def test_ten_thousand_hostile_payloads_move_the_counter_and_nothing_else(desk):
    rng = random.Random(5)
    payloads = rng.choices([*corpus(), *malformed()], k=10_000)
    async with hub_at(desk.url()) as (hub, _), screen_at(desk.url()) as screen:
        await until(lambda: listening(screen))
        before = market(screen)
        async with program(desk.url()) as other:
            for at in range(0, len(payloads), 500):  # a broker drops what a reader doesn't take in time
                for payload in payloads[at : at + 500]:
                    await publish(other, *payload)
                await until(lambda at=at: rejected(hub) >= at + 500)
        await until(lambda: screen.feed("mqtt in").rejected == len(payloads))
        assert market(screen) == before
        assert screen.feed("mqtt in").events == 0
        assert screen.feed("mqtt in").detail.isprintable()
        assert screen.feed("mqtt in").state == "live"
        assert (screen.resets, hub.stream.model.rejected) == (1, 0)


async def test_only_the_hub_that_leads_takes_what_is_published_and_the_others_have_it_too(desk):
    async with hub_at(desk.url(), "steady", name="tokyo") as (tokyo, endpoint), screen_at(desk.url()) as screen:
        await until(lambda: endpoint.leads)
        async with hub_at(desk.url(), "okx", name="osaka") as (osaka, _), program(desk.url()) as other:
            await until(lambda: listening(screen) and screen.feed("mqtt in@osaka") is not None)
            await publish(other, "liquidation", json.dumps(GOOD["liquidation"]))
            for hub in (tokyo, osaka):
                await until(lambda hub=hub: "kraken" in windows(hub)["1h"].by_venue)
            await until(lambda: screen.feed("mqtt in").events == 1)
            assert screen.feed("mqtt in@osaka").events == 0


def windows(hub):
    return hub.stream.model.state(hub.now).liquidations.windows


def rejected(hub):
    """What was rejected so far, as the model will know within a second."""
    [ingest] = [reporter for reporter in hub.reporters if isinstance(reporter, Supervisor)]
    return ingest._rejected


def listening(screen):
    feed = screen.feed("mqtt in")
    return feed is not None and feed.state == "live"


def market(screen):
    """All figures but the feeds' and the hub's own, at one time."""
    return msgspec.structs.replace(screen.model.state(T0), feeds={}, hub=None, hubs={})


class Watch:
    """A subscriber that keeps events."""

    def __init__(self, taken):
        self._taken = taken

    def offer(self, batch):
        self._taken += [item.event for item in batch.items]

    def restart(self):
        """Nothing waits here."""
