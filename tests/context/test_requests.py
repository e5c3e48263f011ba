"""Faults of servers cost words and nothing else: each is over real sockets, and no limit is passed."""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime

import aiohttp
import pytest
from msgspec.structs import replace

from deskmon.clock import DAY, HOUR
from deskmon.events import Metric
from deskmon.feeds.context import alternative_me, catalogue, coingecko, headlines, shelf, tables
from deskmon.feeds.context import request as requests
from deskmon.feeds.context.answers import Answer
from deskmon.feeds.context.reading import Reading
from deskmon.feeds.context.request import MOST_BYTES, Raw, RequestFault, request
from deskmon.feeds.context.shelf import Shelf
from deskmon.feeds.context.source import Address, Source
from tests.context.samples import NOW
from tests.context.server import bomb, breaks_off, conditional, hangs, large, served, status
from tests.length import length

VALUE = b"12.5"


def value(answer: Answer):
    yield Metric(ts=answer.at, name="value", value=float(answer.content), unit="", source="here")


def source(*urls, period_s=600.0, **options):
    return Source("value", "a value", "value", (Address("Acme", urls, value, "any", **options),), period_s)


async def ask(sources, path):
    async with aiohttp.ClientSession() as session:
        return await request(session, sources.url(path), {})


@pytest.mark.parametrize(
    ("answer", "words", "retry_s"),
    [
        (status(403), "403 Forbidden", None),
        (status(429), "429 Too Many Requests", None),
        (status(429, Retry_After="600"), "429", 600.0),
        (status(503, Retry_After="999999999"), "503", 86_400.0),
        (status(429, Retry_After="soon"), "429", None),
        (status(429, Retry_After="Sat, 28 Nov 2026 10:05:00 GMT", Date="Sat, 28 Nov 2026 10:00:00 GMT"), "429", 300.0),
        (status(302, Location="http://elsewhere.example/"), "not https", None),
        (status(302), "redirects to .*, which is not https", None),
        (breaks_off(b"x" * 10_000), "its answer breaks off", None),
        (large(20), "larger than 16 MiB", None),
        (bomb(40), "larger than 16 MiB", None),
    ],
    ids=(
        "403",
        "429", "for a while", "for years", "for no time", "until a time", "http", "nowhere", "cut", "large", "bomb"
    ),
)  # fmt: skip
async def test_a_server_at_fault_is_told_in_words(answer, words, retry_s):
    async with served() as sources:
        sources.answers["a"] = answer
        with pytest.raises(RequestFault, match=words) as fault:
            await ask(sources, "a")
    assert fault.value.retry_s == retry_s


async def test_an_answer_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setitem(requests.TIMEOUTS_S, "total", 0.2)
    async with served() as sources:
        sources.answers["a"] = hangs()
        with pytest.raises(RequestFault, match="no whole answer in time"):
            await ask(sources, "a")


async def test_a_packed_answer_is_unpacked_and_a_host_that_isnt_there_is_named():
    async with served() as sources:
        sources.answers["a"] = bomb(1)
        assert (await ask(sources, "a")).content == b" " * 1024 * 1024
        gone = sources.base
    async with aiohttp.ClientSession() as session:
        with pytest.raises(RequestFault, match="it can't be reached"):
            await request(session, gone, {})


class World:
    """A clock that is stepped by hand, and a provider that counts."""

    def __init__(self, tmp_path, answer=VALUE):
        self.now, self.answer, self.asked = NOW, answer, Counter()
        self.shelf = Shelf(tmp_path / "shelf")
        self.events = []

    async def __call__(self, url, headers):
        self.asked[url] += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return Raw(self.answer, "text/plain", "", "")

    def reading(self, source):
        return Reading(source, self, self.shelf, {}, lambda: self.now, random.Random(4))

    async def read(self, reading, seconds=0.0):
        self.now += round(seconds * 1000)
        return await reading.read(self.events.append)


async def test_failures_are_asked_again_ever_later_and_retry_after_is_kept(tmp_path):
    world = World(tmp_path, RequestFault("it answers 500"))
    reading = world.reading(source("http://a/"))
    waits = [(await world.read(reading, 4_000)).wait_s for _ in range(9)]
    assert 45 <= waits[0] <= 75 and all(2_700 <= wait <= 4_500 for wait in waits[-2:])
    world.answer = RequestFault("it answers 429", 7_200.0)
    assert (await world.read(reading, 4_000)).wait_s >= 7_200
    asked = world.asked.total()
    outcome = await world.read(reading, 600)
    assert world.asked.total() == asked and "asked to wait until" in outcome.words
    world.answer = VALUE
    assert (await world.read(reading, 7_200)).ok


async def test_a_value_a_thousand_times_as_large_or_a_year_old_is_refused_and_the_last_one_stays(tmp_path):
    world = World(tmp_path)
    reading = world.reading(source("http://a/"))
    assert (await world.read(reading)).ok
    world.answer = b"12500"
    outcome = await world.read(reading, 600)
    assert not outcome.ok and "jumped 1e+03-fold" in outcome.words
    world.answer = b"13"
    assert (await world.read(reading, 600)).ok
    assert [event.value for event in world.events] == [12.5, 13.0]

    def old(answer):
        yield Metric(ts=answer.at - 500 * DAY, name="value", value=1.0)

    address = Address("Acme", ("http://a/",), old, "any")
    outcome = await world.read(world.reading(Source("value", "", "", (address,), 600.0)), 4_000)
    assert not outcome.ok and "its newest value is of 2025-07-16" in outcome.words


async def test_what_was_told_before_is_told_again_only_where_it_changed(tmp_path):
    world = World(tmp_path)

    def history(answer):
        for ago in range(3, -1, -1):
            yield Metric(ts=NOW - ago * DAY, name="value", value=float(answer.content) if ago == 0 else 10.0 + ago)

    address = Address("Acme", ("http://a/",), history, "any")
    reading = world.reading(Source("value", "", "", (address,), 600.0))
    for number, content in enumerate((b"9", b"9", b"9.5")):
        world.answer = content
        await world.read(reading, 600 * number)
    assert [event.value for event in world.events] == [13.0, 12.0, 11.0, 9.0, 9.5]


async def test_days_without_a_publication_are_asked_less_often(tmp_path):
    world = World(tmp_path)
    flows = Source("value", "", "", (Address("Acme", ("http://a/",), value, "any"),), 3_600.0, (21, 15))
    reading, periods = world.reading(flows), {}
    for hours in range(0, 7 * 24, 3):
        world.now = NOW + hours * HOUR
        moment = datetime.fromtimestamp(world.now / 1000, UTC)
        periods[moment.weekday(), moment.hour] = round(reading._period_s() / 3_600)
    assert {period for (weekday, _), period in periods.items() if weekday == 6} == {6}
    assert {period for (weekday, hour), period in periods.items() if weekday < 5 and (hour >= 21 or hour < 15)} == {1}
    assert {period for (weekday, hour), period in periods.items() if 15 <= hour < 21} == {6}


async def test_five_desks_of_one_user_ask_no_more_than_a_provider_allows(tmp_path):
    """For two days, each from a time of its own, while nothing answers sensibly."""
    world, sopr = World(tmp_path, b"nothing sensible"), catalogue.SOURCES["sopr"]
    desks, times = [world.reading(sopr) for _ in range(5)], []
    due = [(NOW + number * 97_000, number) for number in range(len(desks))]
    while min(due)[0] < NOW + 2 * DAY:
        world.now, number = min(due)
        before = world.asked.total()
        outcome = await desks[number].read(world.events.append)
        times += [world.now] * (world.asked.total() - before)
        due[number] = world.now + round(outcome.wait_s * 1000), number
    assert not world.events and len(times) >= 2 * 14
    assert max(sum(first <= time < first + DAY for time in times) for first in times) == 15
    assert max(sum(first <= time < first + HOUR for time in times) for first in times) == 8


async def test_one_desk_in_a_week_reads_each_source_at_its_period_and_within_its_limit(tmp_path):
    world = World(tmp_path)
    limited = source("http://a/", "http://b/", period_s=3_600.0, day_limit=15)
    reading = world.reading(limited)
    outcome, until = await world.read(reading), NOW + 7 * DAY
    while world.now < until:
        outcome = await world.read(reading, outcome.wait_s)
    assert 7 * 14 <= world.asked.total() <= 8 * 15


class Remembered(Shelf):
    """A shelf in memory, but for the counts of providers that name a limit."""

    def __init__(self, folder):
        super().__init__(folder)
        self.answers = {}

    def kept(self, url):
        return self.answers.get(url)

    def keep(self, answer):
        self.answers[answer.url] = answer

    def asking(self, url):
        return nullcontext(True)

    def may_ask(self, provider, now, limits):
        return not limits or super().may_ask(provider, now, limits)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("name", catalogue.SOURCES)
async def test_no_source_of_the_catalogue_is_asked_more_than_it_allows_in_a_week(tmp_path, name, fails):
    """A week, in short runs a day of what is read more often than hourly: what answers is read at its period, what
    fails ever later, and no provider more often than it says."""
    world, asked = World(tmp_path, RequestFault("503") if fails else VALUE), catalogue.SOURCES[name]
    world.shelf, days = Remembered(tmp_path / "shelf"), length(7 if asked.period_s >= 3_600 else 1, 7)
    addresses = [replace(address, parse=value) for address in asked.addresses]
    reading = world.reading(replace(asked, addresses=tuple(addresses)))
    outcome, readings = await world.read(reading), 1
    while world.now < NOW + days * DAY:
        outcome = await world.read(reading, outcome.wait_s)
        readings += 1
    period_s = 0.75 * 3_600 if fails or not asked.addresses[0].urls else 0.95 * asked.period_s
    assert readings <= days * 86_400 / period_s + 12
    for number, address in enumerate(addresses):
        most = readings * (not address.key) * (fails or number == 0)
        assert all(world.asked[url.replace("{year}", "2026")] <= most for url in address.urls), address.provider
        for hours, limit in address.limits.items():
            assert sum(world.asked[url] for url in address.urls) <= limit * (days * 24 / hours + 1)


def test_the_shelf_survives_what_was_written_into_it(tmp_path):
    shelf = Shelf(tmp_path)
    for name in ("requests.json", f"{shelf._path('http://a/').name}"):
        (tmp_path / name).write_bytes(b"\x00garbage")
    assert shelf.kept("http://a/") is None
    assert shelf.may_ask("Acme", NOW, {24: 1}) and not shelf.may_ask("Acme", NOW, {24: 1})
    assert shelf.may_ask("Acme", NOW + DAY + 1, {24: 1})
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.suffix != ".answer"} == {0}


async def test_two_desks_never_ask_for_one_address_at_once(tmp_path):
    world, begun, go = World(tmp_path), asyncio.Event(), asyncio.Event()

    async def slow(url, headers):
        world.asked[url] += 1
        begun.set()
        await go.wait()
        return Raw(VALUE, "text/plain", "", "")

    one, two = (Reading(source("http://a/"), slow, world.shelf, {}, lambda: NOW, random.Random(1)) for _ in range(2))
    first = asyncio.create_task(one.read(world.events.append))
    await begun.wait()
    outcome = await two.read(world.events.append)
    assert not outcome.ok and "another desk of yours asks just now" in outcome.words
    go.set()
    assert (await first).ok and world.asked == {"http://a/": 1}


async def test_nothing_changed_confirms_what_is_known(tmp_path):
    async with served() as sources:
        sources.answers["a"] = conditional(VALUE, '"1"')
        world = World(tmp_path)
        async with aiohttp.ClientSession() as session:
            reading = Reading(
                source(sources.url("a")), lambda url, headers: request(session, url, headers), world.shelf, {},
                lambda: world.now, random.Random(1),
            )  # fmt: skip
            assert (await world.read(reading)).at == NOW
            assert (await world.read(reading, 700)).at == NOW + 700_000
    assert sources.asked["a"] == 2
    assert MOST_BYTES == 16 * 1024 * 1024


ODD = (
    (alternative_me.fear_greed, b'{"metadata": "x", "data": [{"timestamp": "1795000000", "value": "9"}]}'),
    (alternative_me.fear_greed, b'{"metadata": {}, "data": [{"timestamp": "1", "value": "9"}]}'),
    (alternative_me.fear_greed, b'{"data": [5]}'),
    (
        headlines.headlines,
        b"""<rss version="2.0"><channel><title>T</title><item><title>x</title>
     <link>http://[bad/x</link><pubDate>Sat, 28 Nov 2026 10:00:00 +0000</pubDate></item></channel></rss>""",
    ),
    (coingecko.market, b'{"data": {"updated_at": 1e300, "total_market_cap": {"usd": 1}, "market_cap_percentage": {}}}'),
    (tables.fred, b"observation_date,DGS10\n9999-12-31,4.2\n"),
)


@pytest.mark.parametrize(("parse", "answer"), ODD)
async def test_an_odd_answer_costs_its_source_alone(parse, answer, tmp_path):
    world = World(tmp_path, answer)
    reading = world.reading(Source("value", "", "", (Address("Acme", ("http://a/",), parse, "any"),), 600.0))
    outcome = await world.read(reading)
    assert not outcome.ok and outcome.words.startswith("Acme: ") and not world.events


async def test_a_key_is_not_sent_on_to_another_host():
    async with served() as sources, served() as others:
        sources.answers["a"] = status(302, Location=others.url("b").replace("http:", "https:"))
        async with aiohttp.ClientSession() as session:
            with pytest.raises(RequestFault):
                await request(session, sources.url("a"), {"x-key": "secret"})
    assert sources.headers["a"]["x-key"] == "secret" and not others.headers


async def test_a_desks_own_series_may_go_through_zero_and_jump(tmp_path):
    world = World(tmp_path)
    reading = world.reading(replace(source("http://a/"), doubted=False))
    for value in (100.0, -3.0, 0.01, 55.0):
        world.answer = str(value).encode()
        assert (await world.read(reading, 600)).ok
    assert [event.value for event in world.events] == [100.0, -3.0, 0.01, 55.0]


async def test_bytes_that_are_no_text_in_a_status_or_an_etag_become_text(tmp_path):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(replies.pop(0))
        writer.close()

    replies = [
        b"HTTP/1.1 500 pw\xffn\r\nContent-Length: 0\r\n\r\n",
        b'HTTP/1.1 200 OK\r\nETag: "\xff"\r\nContent-Length: 4\r\n\r\n12.5',
    ]
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    world = World(tmp_path)
    async with server, aiohttp.ClientSession() as session:
        reading = Reading(
            source(url), lambda url, headers: request(session, url, headers), world.shelf, {}, lambda: world.now,
            random.Random(1),
        )  # fmt: skip
        outcome = await world.read(reading)
        assert outcome.words.encode() and "500 pw" in outcome.words
        assert (await world.read(reading, 700)).ok
    assert world.shelf.kept(url).etag.encode()


async def test_what_is_still_to_come_is_not_believed_and_later_today_counts_from_now(tmp_path):
    world = World(tmp_path)

    def told(answer):
        yield Metric(ts=NOW + round(float(answer.content) * DAY), name="value", value=1.0)

    reading = world.reading(Source("value", "", "", (Address("Acme", ("http://a/",), told, "any"),), 600.0))
    world.answer = b"0.5"
    assert (await world.read(reading)).ok
    assert [(event.ts, event.recv) for event in world.events] == [(NOW, NOW)]
    world.answer = b"400"
    outcome = await world.read(reading, 600)
    assert not outcome.ok and "it tells of 2028-01-02, which is still to come" in outcome.words


@pytest.mark.parametrize("make", ["file", "loop", "fifo", "lock"])
async def test_a_cache_folder_that_is_none_costs_the_memory_only(tmp_path, make, monkeypatch):
    monkeypatch.setattr(shelf, "TRIES", 1)
    world, folder = World(tmp_path), tmp_path / "shelf"
    if make == "file":
        folder.write_text("")
    elif make == "loop":
        folder.symlink_to(folder)
    else:
        folder.mkdir()
        place = world.shelf._path("http://a/") if make == "fifo" else folder / "requests.json"
        os.mkfifo(place)
    with (folder / "requests.lock").open("w") if make == "lock" else nullcontext() as held:
        if held:
            fcntl.flock(held, fcntl.LOCK_EX)
        assert (await world.read(world.reading(source("http://a/")))).ok
    assert [event.value for event in world.events] == [12.5]


def test_a_series_that_begins_in_the_sixties_is_read_from_2000_on():
    events = list(tables.fred(Answer("", b"observation_date,DGS10\n1962-01-02,4.06\n2026-11-27,4.14\n", "", NOW)))
    assert [event.value for event in events] == [4.14]
