"""A hub's numbers for a monitoring system: all are documented, none is a secret, and no client holds up the hub."""

import asyncio
import re
from pathlib import Path

import pytest
from prometheus_client.openmetrics import parser

from deskmon.errors import DeskError, UsageError
from deskmon.events import Alert
from deskmon.hub.bind import Bind, parse_bind
from deskmon.hub.metrics_endpoint import MOST_CLIENTS, MOST_HEAD, metrics_endpoint
from tests.hub.test_hub import desk
from tests.hub.waiting import LIMIT_S, heard, until

PAGE = Path(__file__).parents[2] / "docs" / "hub-metrics.md"
HERE = Bind("127.0.0.1", 0)


async def answer(at, request):
    """What the server says to these bytes, until it closes; nothing where it cuts the client off."""
    reader, writer = await asyncio.open_connection(at.host, at.port)
    try:
        writer.write(request)
        async with asyncio.timeout(LIMIT_S):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def scraped(at):
    """(samples by name and feed or state, the names of the families), by the parser of prometheus-client."""
    head, _, body = (await answer(at, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n") and b"application/openmetrics-text" in head
    families = list(parser.text_string_to_metric_families(body.decode()))
    samples = {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}
    return samples, {family.name for family in families}


async def test_the_numbers_are_the_hub_s_each_is_documented_and_an_unknown_one_is_absent():
    async with desk("steady", steady={"burst": 3}) as hub, metrics_endpoint(hub, HERE) as at:
        await until(lambda: heard(hub, "steady") > 3)
        hub.stream.model.apply([Alert(ts=hub.now, rule="x", state="firing", since=hub.now)])
        samples, names = await scraped(at)
        assert samples["deskmon_feed_live", "steady"] == 1.0
        assert samples["deskmon_feed_events_total", "steady"] > 3
        assert samples["deskmon_alerts", "firing"] == 1.0
        assert samples["deskmon_hub_start_time_seconds",] == hub.status.started / 1000
        assert abs(samples["deskmon_hub_desk_time_seconds",] - hub.now / 1000) < 60
        assert "deskmon_journal_bytes" not in names and "deskmon_hub_leads" not in names
    documented = set(re.findall(r"^\| `(deskmon_\w+?)(?:_total|_info)?`", PAGE.read_text(), re.MULTILINE))
    assert names < documented
    assert documented - names == {
        "deskmon_hub_leads", "deskmon_journal_bytes", "deskmon_journal_segments",
        "deskmon_journal_oldest_timestamp_seconds",
    }  # fmt: skip


async def test_what_is_no_scrape_gets_words_or_nothing_and_the_next_scrape_works():
    async with desk("steady") as hub, metrics_endpoint(hub, HERE) as at:
        assert b" 404 " in await answer(at, b"GET / HTTP/1.1\r\n\r\n")
        assert b" 405 " in await answer(at, b"POST /metrics HTTP/1.1\r\n\r\n")
        assert (await answer(at, b"HEAD /metrics HTTP/1.1\r\n\r\n")).endswith(b"\r\n\r\n")
        assert await answer(at, b"x" * (MOST_HEAD + 1) + b"\r\n\r\n") == b""
        idle = [await asyncio.open_connection(at.host, at.port) for _ in range(MOST_CLIENTS)]
        assert await answer(at, b"GET /metrics HTTP/1.1\r\n\r\n") == b"", "one too many is cut off"
        for _, writer in idle:
            writer.close()
        body = b""
        async with asyncio.timeout(LIMIT_S):
            while not body:
                body = await answer(at, b"GET /metrics?x=1 HTTP/1.1\r\n\r\n")
        assert b"deskmon_hub_info" in body


async def test_an_address_that_is_taken_is_told_and_an_open_one_is_warned_of(caplog):
    async with desk("steady") as hub, metrics_endpoint(hub, Bind("0.0.0.0", 0)) as at:
        assert "have no password" in caplog.text
        with pytest.raises(DeskError, match="can't listen"):
            async with metrics_endpoint(hub, at):
                pass


@pytest.mark.parametrize(
    ("text", "bind"),
    [
        ("127.0.0.1:9400", ("127.0.0.1", 9400)), (":9400", ("127.0.0.1", 9400)), ("9400", ("127.0.0.1", 9400)),
        ("[::1]:9400", ("::1", 9400)), ("0.0.0.0:80", ("0.0.0.0", 80)), ("desk.example:9400", ("desk.example", 9400)),
    ],
)  # fmt: skip
def test_a_port_alone_is_of_this_machine_only(text, bind):
    assert parse_bind(text, "--metrics") == bind


@pytest.mark.parametrize("text", ["", "x", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "::1:9400", "h:٣", "h:-1"])
def test_what_is_no_address_is_wrong_usage(text):
    with pytest.raises(UsageError, match="is no address"):
        parse_bind(text, "--metrics")
