"""Recorded frames by ccxt's path and by our own: the desk is told the same."""

from deskmon.events import Trade
from tests.ccxt import venues
from tests.ccxt.desk import RECORDED, recorded
from tests.ccxt.replay_server import Binance, Recording, ReplayServer
from tests.native.paths import by_both, recorded_frames

pytestmark = recorded

BINANCE = RECORDED / "frames/BINANCE_FUTURES.jsonl.zst"


def binance_place(address, frame):
    """A frame of the combined stream as one of its own address."""
    if "stream" not in frame:
        return None
    kind = frame["stream"].split("@")[1]
    return "linear/public" if kind in ("aggTrade", "depth", "bookTicker") else "linear/market", frame["data"]


async def test_binance_trades():
    async with ReplayServer(Binance(), Recording(BINANCE, Binance())) as server:
        options = venues.binanceusdm(server, symbols=("SUSHI", "AKRO", "KEEP", "CTK"), channels=("trades",))
        frames = [one for one in recorded_frames(BINANCE, binance_place) if '"aggTrade"' in one[1]]
        ccxt, own = await by_both(options, frames)
    assert len(ccxt.events(Trade)) > 80
    assert own.events(Trade) == ccxt.events(Trade)
