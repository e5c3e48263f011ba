"""Other programs ask a hub over real sockets: what they are told, and what they are refused."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from contextlib import asynccontextmanager

import msgspec
import pytest
import pytest_asyncio

from deskmon.config.schema import Layout
from deskmon.errors import DeskError
from deskmon.events import Encoded
from deskmon.hub.bind import Bind, GuardedBind
from deskmon.hub.http_endpoint import http_endpoint
from deskmon.model.figures import State
from tests.http.desks import HERE, served
from tests.http.test_event_log import parsed
from tests.hub.market import config, liquidation
from tests.hub.test_hub import desk
from tests.hub.waiting import LIMIT_S, until

STEADY = config("steady", steady={"burst": 3})
TOKEN = "correct-horse-battery"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def asking():
    """One server for all tests that leave it as it is."""
    async with served(STEADY, hosts=("desk.example",)) as made:
        yield made


@asynccontextmanager
async def reading(asking, path="/events", **more):
    """The events of one reader, one after the other."""

    async def events():
        left = b""
        async for piece in answer.content.iter_any():
            *blocks, left = (left + piece).split(b"\n\n")
            for each in parsed(b"\n\n".join(blocks)):
                yield each

    async with asking.session.get(asking.url + path, **more) as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        async with asyncio.timeout(LIMIT_S):
            yield events()


async def test_what_is_told_is_what_the_model_says_with_age_and_coverage(asking):
    status, state = await asking.get("/state")
    assert status == 200 and set(state) == set(State.__struct_fields__)
    msgspec.convert(state, State)
    assert state["liquidations"]["windows"]["1h"]["count"] == 3
    status, some = await asking.get("/state", params={"only": "mode,prices.BTC.last,liquidations.windows.1h.usd"})
    assert some == {"mode": "live", "prices.BTC.last": None, "liquidations.windows.1h.usd": 3_000.0}
    status, figure = await asking.get("/figures/liquidations.windows.1h.usd")
    assert (figure["value"], figure["unit"], figure["coverage"]) == (3_000.0, "USD", {"bybit": "full"})
    status, figure = await asking.get('/figures/prices."S7%2FUSDT:USDT".last')
    assert figure["venues"] == ["binance"] and 0 <= figure["age_ms"] < 60_000
    status, picture = await asking.get("/snapshot.svg?panel=liquidations&size=80x20")
    assert status == 200 and picture.startswith("<svg") and "bybit" in picture
    assert asking.hub.status.screens == 0


REFUSED = (
    ("/", 404, "GET /openapi.json says what there is"), ("/figures/", 404, "GET /openapi.json"),
    ("/state?onyl=x", 400, "did you mean only?"), ("/state?only=prices.BTC.lst", 400, "did you mean prices.BTC.last"),
    ("/state?only=", 400, "only names nothing"), ("/state?only=mode&only=at", 400, "there twice"),
    ("/state?only=" + "mode," * 201, 400, "ask for 200 at most"),
    ("/state?at=whenever", 400, "is not a time"), ("/state?at=2099-01-01", 400, "is yet to come"),
    ("/figures/prices.BTC.lst", 400, "did you mean"), ("/figures/x[", 400, "is no path of a figure"),
    ("/snapshot.svg?size=9999x9999", 400, "400x150 at most"), ("/snapshot.svg?size=x", 400, "is no size"),
    ("/snapshot.svg?layout=none", 400, "no layout 'none'"), ("/snapshot.svg?panel=prics", 400, "prices"),
    ("/snapshot.svg?panel=prices&layout=default", 400, "leave one out"),
    ("/events?from=-1", 400, "is no number"), ("/events?type=liquidatoin", 400, "did you mean liquidation?"),
    ("/events?type=,", 400, "type names nothing"),
    ("/state?at=2h%20ago", 503, "this hub keeps no journal"),
)  # fmt: skip
"""(path, status, words)."""


async def test_what_cannot_be_answered_is_said_in_words(asking):
    for path, status, words in REFUSED:
        got, refusal = await asking.get(path)
        assert got == status and words in f"{refusal['error']}; {refusal['remedy']}", path
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        async with asking.session.request(method, asking.url + "/state") as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
            assert (await answer.json())["error"] == "this server is read-only"


@pytest.mark.parametrize(("request_", "status"), [
    (b"nonsense\r\n\r\n", 400), (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 400),
    (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), (b"GET /state HTTP/1.1\r\n\r\n", 400),
    (b"GET /state?only=mode HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200),
])  # fmt: skip
async def test_what_is_no_request_is_refused_as_all_else_and_no_answer_tells_a_version(asking, request_, status):
    host, port = asking.url.removeprefix("http://").split(":")
    async with asyncio.timeout(LIMIT_S):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request_)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        heads = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = json.loads(await reader.readexactly(int(heads["content-length"])))
    writer.close()
    assert head[0].startswith(f"HTTP/1.1 {status} ") or head[0].startswith(f"HTTP/1.0 {status} ")
    assert (heads["server"], heads["content-type"]) == ("deskmon", "application/json")
    assert (status == 200) or set(body) == {"error", "remedy"}
    assert heads["x-content-type-options"] == "nosniff"


async def test_only_known_names_and_the_servers_own_pages_may_ask_and_no_page_may_read_from_elsewhere(asking):
    for host, status in (
        ("127.0.0.1:1", 200), ("[::1]:80", 200), ("localhost", 200), ("desk.example", 200),
        ("Desk.Example.:443", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("desk.example.evil", 421), ("[x", 421), ("", 421),
    ):  # fmt: skip
        assert (await asking.get("/state?only=mode", headers={"Host": host}))[0] == status, host
    for site, status in (("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403)):
        assert (await asking.get("/state?only=mode", headers={"Sec-Fetch-Site": site}))[0] == status
    async with asking.session.get(asking.url + "/state", headers={"Origin": "https://evil.example"}) as answer:
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_without_the_token_nothing_is_told():
    async with served(STEADY, token=TOKEN) as asking:
        assert (await asking.get("/state?only=mode"))[0] == 200
        wrong = ("", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}", "Bearer \u00e9")
        for given in wrong:
            status, refusal = await asking.get("/events", headers={"Authorization": given})
            assert (status, refusal["error"]) == (401, "a token is needed"), given


async def test_events_come_with_numbers_and_go_on_where_a_reader_stopped(asking):
    async with reading(asking, "/events?type=trade&from=0") as events:
        read = [await anext(events) for _ in range(20)]
    assert (read[0][0], read[0][2]["dropped"]) == ("gap", None), "an earlier run's number is told"
    assert {data["type"] for _, _, data in read[1:]} == {"trade"}
    last = read[10][1]
    async with reading(asking, "/events?type=trade", headers={"Last-Event-ID": str(last)}) as events:
        assert [await anext(events) for _ in range(9)] == read[11:]
    async with reading(asking, "/events?type=liquidation") as events:
        asking.hub.mailbox.put(Encoded(liquidation(7, ts=asking.hub.now)))
        assert (await anext(events))[2]["id"] == "7"


async def test_a_server_that_dies_is_started_again_and_numbers_go_up():
    async with served(STEADY) as asking:
        async with reading(asking) as events:
            _, before, _ = await anext(events)
        server = asking.server
        first = server._child.pid
        server._child.kill()
        await until(lambda: (server._state, server._detail) == ("down", "server killed by SIGKILL"))
        await until(lambda: server._child is not None and server._child.pid != first)
        await asking.ready()
        async with reading(asking, headers={"Last-Event-ID": str(before)}) as events:
            name, _, gap = await anext(events)
            assert (name, gap["dropped"]) == ("gap", None) and gap["why"].startswith("the numbers of this run begin")
            assert (await anext(events))[1] > before
        await until(lambda: server._state == "live")


async def test_another_configuration_is_served_after_a_reload():
    async with served(STEADY) as asking:
        layouts = {"one": msgspec.convert({"cells": [{"panel": "feeds"}]}, Layout)}
        assert (await asking.get("/snapshot.svg?layout=one&size=60x10"))[0] == 400
        asking.hub.reload(msgspec.structs.replace(asking.hub._config, layouts=layouts))
        async with asyncio.timeout(LIMIT_S):
            while (await asking.get("/snapshot.svg?layout=one&size=60x10"))[0] != 200:  # noqa: ASYNC110 - it restarts
                await asyncio.sleep(0.1)
        assert asking.server.report(asking.hub.now + 10_000).reconnects == 1


async def test_curl_reads_figures_and_events(asking):
    if (curl := shutil.which("curl")) is None:
        pytest.skip("curl isn't installed")

    def curled(path, *more):
        command = [curl, "--silent", "--no-buffer", "--max-time", "20", *more, asking.url + path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            lines = [process.stdout.readline() for _ in range(4)]
            process.kill()
        return lines

    assert json.loads((await asyncio.to_thread(curled, "/state?only=mode"))[0]) == {"mode": "live"}
    retry, _, number, data = await asyncio.to_thread(curled, "/events?type=trade")
    assert retry == "retry: 2000\n" and number.startswith("id: ")
    assert json.loads(data.removeprefix("data: "))["type"] == "trade"


async def test_an_address_that_is_taken_or_unknown_is_told_at_once():
    async with desk("steady") as hub:
        async with http_endpoint(hub, GuardedBind(HERE, TOKEN), STEADY) as at:
            with pytest.raises(DeskError, match="can't listen: Address already in use; choose another --http"):
                async with http_endpoint(hub, GuardedBind(at, None), STEADY):
                    pass
        assert TOKEN not in repr(GuardedBind(HERE, TOKEN)) + str(GuardedBind(HERE, TOKEN))
        with pytest.raises(DeskError, match="can't listen"):
            async with http_endpoint(hub, GuardedBind(Bind("no.such.host.invalid", 1), None), STEADY):
                pass
