"""Hyperliquid's liquidations from its vaults' fills, Bitfinex's by request: each is told once, and none is lost."""

import json
from itertools import pairwise

import pytest

from deskmon.events import Gap, Liquidation
from deskmon.feeds.ccxt import liquidations
from deskmon.feeds.ccxt.exchanges import settings
from deskmon.feeds.ccxt.positions import PositionRows
from deskmon.feeds.ccxt.vaults import HLP
from deskmon.feeds.ccxt.vaults import liquidations as by_liquidation
from tests.ccxt.desk import RECORDED, recorded, running
from tests.ccxt.replay_server import Dialect, ReplayServer

LIQUIDATOR, STRATEGY = "0x2e3d94f0562703b25c83308a05046ddaf9a8dd14", "0x010461c14e146ac35fe42271bdc1134ee31c703a"
VICTIM = "0x0000000000000000000000000000000000000001"
HASH = "0x3995b356b05a726a3b0f0442b43f850203cc003c4b5d913cdd5e5ea96f5e4c54"


def fill(tid, side="A", digest=HASH, user=VICTIM, **fields):
    """In the shape of recorded fills of a liquidator vault."""
    marked = {"liquidatedUser": user, "markPx": "100", "method": "backstop"}
    return {"coin": "BTC", "px": "100", "sz": "1.0", "side": side, "time": NOW + tid, "startPosition": "0.0",
            "dir": "Liquidated Isolated Short", "hash": digest, "oid": tid, "crossed": True, "fee": "0.0", "tid": tid,
            "liquidation": marked, **fields}  # fmt: skip


NOW = 1_790_000_000_000


class Silent(Dialect):
    def asked(self, message):
        return []


def hyperliquid(server, fills):
    """A venue whose `fills()` are those of its liquidator; each request is noted."""
    universe = [{"name": name, "szDecimals": 5, "maxLeverage": 50} for name in ("BTC", "kPEPE")]
    contexts = [{"markPx": "100", "midPx": "100", "openInterest": "1", "oraclePx": "100", "funding": "0"}] * 2

    async def info(request):
        asked = await request.json()
        if asked["type"] in ("userFillsByTime", "vaultDetails"):
            server.messages.append(asked)
        vault = asked.get("vaultAddress")
        if vault == HLP:
            children = {"childAddresses": [STRATEGY, LIQUIDATOR]}
            return {"name": "Hyperliquidity Provider (HLP)", "relationship": {"type": "parent", "data": children}}
        if vault:
            return {"name": "HLP Liquidator" if vault == LIQUIDATOR else "HLP Strategy A"}
        return {
            "metaAndAssetCtxs": lambda: [{"universe": universe}, contexts],
            "userFillsByTime": lambda: fills(),
        }.get(asked["type"], list)()

    server.json["/info"] = info
    return {"exchange": "hyperliquid", "urls": {"public": server.http, "ws": {"public": f"{server.ws}/ws"}}}


async def test_fills_of_one_liquidation_are_one_and_what_is_read_again_is_not_told_again():
    first = [fill(1), fill(2, px="104", sz="3.0"), fill(3, "B", "0xbb"), fill(4, digest="0xcc", user=LIQUIDATOR)]
    first.append({key: value for key, value in fill(5).items() if key != "liquidation"})
    answers = [first, first, {"error": "busy"}, [*first, fill(6, digest="0x" + "0" * 64, coin="kPEPE", sz="7")]]
    async with ReplayServer(Silent()) as server:
        options = hyperliquid(server, lambda: answers.pop(0) if len(answers) > 1 else answers[0])
        async with running(**options, symbols=("BTC",), channels=("liquidations",), poll={"liquidations": 1.0}) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) == 3)
            await desk.until(lambda: desk.statuses[-1][0] == "live")
            asked = [message for message in server.messages if message["type"] == "userFillsByTime"]
    short, long, many = desk.of(Liquidation)
    assert (short.side, short.amount, short.price, short.usd) == ("short", 4.0, 103.0, 412.0)
    assert short.id == f"BTC/USDC:USDC#{HASH}"
    assert (long.side, long.usd, long.id) == ("long", 100.0, "BTC/USDC:USDC#0xbb")
    assert (many.symbol, many.amount, many.usd, many.id) == ("PEPE/USDC:USDC", 7000.0, 700.0, "PEPE/USDC:USDC#6")
    assert desk.of(Gap) == [], "what was missed is read again"
    assert {message["user"] for message in asked} == {LIQUIDATOR}
    assert all(later["startTime"] < earlier["endTime"] for earlier, later in pairwise(asked))


@recorded
def test_recorded_fills_of_a_vault_tell_of_shorts_that_were_liquidated():
    fills = json.loads((RECORDED / "context" / "hyperliquid" / "userFills_hlp_liquidator_2026-08.json").read_text())
    groups = by_liquidation({LIQUIDATOR: fills})
    orders = [order for group in groups for order in liquidations.hyperliquid(group)]
    assert [(order.market_id, order.side, order.contracts) for order in orders] == [
        ("PURR", "short", 882.0),
        ("HMSTR", "short", 13385820.0),
    ]
    assert orders[0].price * orders[0].contracts == pytest.approx(105.78, abs=0.01)
    assert len({order.id for order in orders}) == 2


@recorded
def test_a_recorded_fill_of_a_counterparty_tells_of_a_short_that_was_liquidated():
    found = json.loads((RECORDED / "context" / "hyperliquid" / "userFills_counterparty_2026-09.json").read_text())
    ((group,),) = by_liquidation({LIQUIDATOR: [found]})
    (order,) = liquidations.hyperliquid([group])
    assert (order.market_id, order.side, order.id) == ("PUMP", "short", str(found["tid"]))


def row(position, ts, amount, executed, acquired=33.255, market="tBTCF0:USTF0"):
    """As in the example of docs.bitfinex.com/reference/rest-public-liquidations."""
    return [["pos", position, ts, None, market, amount, 32.868, None, executed, 1, None, acquired]]


async def test_bitfinex_counts_a_position_once_however_many_parts_are_executed(monkeypatch):
    # ccxt's limiter waits in real time: 20 s after each of these requests, of which the venue answers three a minute.
    monkeypatch.setattr("deskmon.feeds.ccxt.run.settings", lambda options: {**settings(options), "rateLimit": 1})
    rows = [
        row(1, NOW + 2, -8, 1), row(1, NOW + 1, -8, 0), row(2, NOW + 3, 5, 1), row(2, NOW + 4, 3, 1, 30.0),
        row(3, NOW + 5, 9, 0, market="tBTCUSD"), row(4, NOW + 6, 2, 0, None),
    ]  # fmt: skip
    answers = [rows, {"error": "x"}, [*rows, row(1, NOW + 7, -1, 1), row(5, NOW + 8, 1, 0)]]
    futures = [["BTCF0:USTF0", [None, None, None, "0.001", "100"]]]
    spot = [["BTCUSD", [None, None, None, "0.001", "100"]]]
    async with ReplayServer(Silent()) as server:
        config = "pub:info:pair,pub:info:pair:futures,pub:list:pair:securities,pub:list:pair:margin"
        server.json[f"/v2/conf/{config}"] = [spot, futures, [], []]
        server.json["/v2/liquidations/hist"] = lambda request: answers.pop(0) if len(answers) > 1 else answers[0]
        urls = {"public": server.http, "ws": {"public": f"{server.ws}/ws/2"}}
        async with running(
            exchange="bitfinex", urls=urls, symbols=("BTC",), channels=("liquidations",), poll={"liquidations": 1.0}
        ) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) == 5)
            await desk.until(lambda: desk.statuses[-1][0] == "live")
    found = desk.of(Liquidation)
    told = [(event.side, event.amount, round(event.usd, 3), event.id.partition("#")[2]) for event in found]
    assert told == [
        ("short", 8.0, 266.04, "1"),
        ("long", 5.0, 166.275, f"2-{NOW + 3}"),
        ("long", 3.0, 90.0, f"2-{NOW + 4}"),
        ("long", 2.0, 65.736, "4"),
        ("long", 1.0, 33.255, "5"),
    ]
    assert desk.of(Gap) == []


def test_a_part_of_a_position_whose_beginning_was_told_long_ago_counts_nothing():
    rows = PositionRows(None)
    assert [each[1] for each in rows.counted([row(1, NOW, 5, 0)[0]])] == [1]
    assert rows.counted([row(1, NOW + 9, 5, 1)[0]]) == []


def test_a_row_or_fills_that_close_nothing_are_refused():
    with pytest.raises(ValueError, match="closes nothing"):
        liquidations.bitfinex(row(1, NOW, 0, 0)[0])
    with pytest.raises(ValueError, match="closes nothing"):
        liquidations.hyperliquid([fill(1, sz="0")])
