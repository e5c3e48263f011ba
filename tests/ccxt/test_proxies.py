"""A venue behind a proxy: its answers and its websocket come through it, by both paths, and nothing goes beside it.
Keys go to a mirror's hosts and to no other."""

import ssl

import pytest

from deskmon.events import Liquidation
from deskmon.feeds.ccxt import CcxtFeed
from deskmon.feeds.ccxt.access import MirrorKeys, proxy_settings
from deskmon.feeds.ccxt.exchanges import settings
from tests.ccxt import venues
from tests.ccxt.desk import running
from tests.ccxt.proxy import Proxy
from tests.ccxt.replay_server import Bybit, ReplayServer
from tests.mqtt.certificates import Authority
from tests.ports import reserve_port

NOW = 1_790_000_000_000
NAME = "venue.test"
"""A host that nothing but the proxy knows."""


def bybit(base, **options):
    public = {kind: f"wss://{base}/v5/public/{kind}" for kind in ("spot", "linear", "inverse", "option")}
    names = ("spot", "futures", "v2", "public", "private")
    urls = {**dict.fromkeys(names, f"https://{base}"), "ws": {"public": public}}
    return {"exchange": "bybit", "urls": urls, "symbols": ("BTC",), "channels": ("liquidations",), **options}


def told(server):
    venues.serve_markets(server, "bybit", "BTC")
    row = {"T": NOW, "s": "BTCUSDT", "S": "Buy", "v": "2", "p": "50"}
    frame = {"topic": "allLiquidation.BTCUSDT", "type": "snapshot", "ts": NOW, "data": [row]}
    server.frames["linear/allLiquidation.BTCUSDT"] = [frame]


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("tls"))
    certificate, key = authority.sign(NAME)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, str(authority.ca)


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize(("scheme", "host"), [("http", NAME), ("socks5h", NAME), ("socks5", "127.0.0.1")])
async def test_requests_and_websockets_go_through_the_proxy(scheme, host, native, tls, monkeypatch):
    context, authority = tls
    monkeypatch.setattr("deskmon.feeds.ccxt.run.settings", lambda options: {**settings(options), "cafile": authority})
    async with ReplayServer(Bybit(), tls=context) as server, Proxy(server.port, "trader:secret") as proxy:
        told(server)
        monkeypatch.setenv("VENUE_PROXY", f"{scheme}://trader:secret@127.0.0.1:{proxy.port}")
        options = bybit(f"{host}:{server.port}", proxy="env:VENUE_PROXY", native=native)
        async with running(**options) as desk:
            await desk.until(lambda: desk.of(Liquidation))
        assert server.requests
        assert server.messages
    (event,) = desk.of(Liquidation)
    assert (event.side, event.usd) == ("long", 100.0)
    assert set(proxy.tunnels) == {host}
    assert proxy.refused == 0


@pytest.mark.parametrize(
    ("scheme", "words"), [("http", "the proxy refuses (HTTP 407)"), ("socks5", "the proxy refuses")]
)
async def test_a_proxy_that_refuses_is_said_to_and_nothing_goes_beside_it(scheme, words, tls, monkeypatch):
    context, authority = tls
    monkeypatch.setattr("deskmon.feeds.ccxt.run.settings", lambda options: {**settings(options), "cafile": authority})
    async with ReplayServer(Bybit(), tls=context) as server, Proxy(server.port, "trader:secret") as proxy:
        told(server)
        options = bybit(f"127.0.0.1:{server.port}", proxy=f"{scheme}://127.0.0.1:{proxy.port}")
        async with running(**options) as desk:
            await desk.until(lambda: proxy.refused and desk.said(words))
        assert server.requests == []


async def test_a_proxy_that_is_not_there_is_said_to(tls):
    for scheme in ("http", "socks5"):
        async with running(**bybit("127.0.0.1:1", proxy=f"{scheme}://127.0.0.1:{reserve_port()}")) as desk:
            await desk.until(lambda: desk.said("can't connect to the proxy"))


async def test_keys_of_a_mirror_go_with_requests_and_websockets(monkeypatch):
    monkeypatch.setenv("MIRROR_KEY", "open sesame")
    for native in (True, False):
        async with ReplayServer(Bybit()) as server:
            told(server)
            seen = []
            server.refuse = lambda request, seen=seen: seen.append(
                (request.headers.get("Upgrade", "").lower(), request.headers.get("X-Key"))
            )
            options = venues.bybit(server, symbols=("BTC",), channels=("liquidations",), native=native)
            async with running(**options, headers={"X-Key": "env:MIRROR_KEY"}) as desk:
                await desk.until(lambda: desk.of(Liquidation))
        assert {key for _, key in seen} == {"open sesame"}
        assert {kind for kind, _ in seen} == {"", "websocket"}


def test_keys_go_to_no_other_host(monkeypatch):
    monkeypatch.setenv("MIRROR_KEY", "k")
    keys = MirrorKeys(
        {"X-Key": "env:MIRROR_KEY"}, {"public": "https://mirror.test/v1", "ws": {"a": "wss://b.test:1/x"}}
    )
    assert keys.of("https://mirror.test/other?x=1") == {"X-Key": "k"}
    assert keys.of("wss://b.test:1/x") == {"X-Key": "k"}
    assert keys.of("https://api.venue.test/v1") == keys.of("wss://b.test/x") == {}


def test_what_cannot_work_is_said_by_the_check(tmp_path):
    def check(**options):
        return CcxtFeed.validate_options(CcxtFeed.Options(exchange="bybit", **options))

    assert check(proxy="socks5://127.0.0.1:1080") == check(proxy="env:VENUE_PROXY") == []
    ((option, words),) = check(proxy="ftp://127.0.0.1")
    assert (option, "ftp scheme" in words) == ("proxy", True)
    ((option, words),) = check(proxy="http://trader:secret@127.0.0.1:3128")
    assert option == "proxy"
    assert "secret" not in words.replace("password", "")
    ((option, words),) = check(headers={"X-Key": "plain"}, urls={"public": "https://m.test"})
    assert (option, "plain" in words) == ("headers", False)
    ((option, words),) = check(headers={"X-Key": "env:K"})
    assert (option, words) == ("headers", "keys go to a mirror alone: name its addresses in `urls`")
    secret = tmp_path / "proxy"
    secret.write_text("socks5://10.0.0.1:1080\n")
    secret.chmod(0o600)
    assert proxy_settings(f"file:{secret}") == dict.fromkeys(("socksProxy", "wsSocksProxy"), "socks5://10.0.0.1:1080")
