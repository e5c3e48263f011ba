"""Hand-made flows of liquidations for the tests of waves. Times in seconds after `START`, sizes in dollars."""

from benchmarks.market import START
from deskmon.analytics.wave_detector import Detector
from deskmon.analytics.wave_settings import Parameters
from deskmon.events import Liquidation

KEY = ("bybit", "BTC/USDT:USDT", "long")


def every(seconds, usd, start, stop):
    """An order of `usd` every so many seconds."""
    return [(second, usd) for second in range(start, stop, seconds)]


CALM = every(5, 10_000, 0, 3_600)
"""An hour of 20,000 dollars per bucket."""


def detector(flow, parameters=None):
    """A detector that took the flow in order of time."""
    found = Detector(parameters or Parameters())
    found.listen(START)
    for second, usd in sorted(flow):
        found.add(START + round(second * 1_000), KEY, round(usd * 1e6))
    return found


def spans(found, now=None):
    """(first second, second after the last) of every wave that a detector knows."""
    outlines = [seen.outline for seen in found.over] + [wave for wave, _ in found.view(now or 0)]
    return [((wave.start - START) // 1_000, (wave.end - START) // 1_000) for wave in outlines]


def state(found, second):
    """State of the newest wave at a second, None without one."""
    view = found.view(START + second * 1_000)
    return view[-1][1] if view else None


def liquidation(second, usd, **fields):
    about = {"ts": START + round(second * 1_000), "venue": "bybit", "symbol": "BTC/USDT:USDT", "side": "long"}
    about |= fields
    return Liquidation(price=100.0, amount=usd / 100.0, usd=usd, **about)
