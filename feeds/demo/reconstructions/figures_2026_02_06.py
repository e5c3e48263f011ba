"""2026-02-06, the worst day since FTX: the figures that were published, and what was chosen around them.

docs/demos.md says which is which.
"""

from __future__ import annotations

from deskmon.events import PositionSide
from deskmon.feedkit import DAY, HOUR, MINUTE
from deskmon.feeds.demo.reconstructions.option_chains import Carry, Crowds, Listing, Surface
from deskmon.feeds.demo.reconstructions.orders import Wave
from deskmon.feeds.demo.reconstructions.prices import Knot
from deskmon.feeds.demo.reconstructions.world import Asset, Venue

_FEBRUARY = 1_769_904_000_000  # 2026-02-01T00:00Z
FIRST = _FEBRUARY - 1188 * DAY
"""2022-11-01, from when (ms) daily candles of BTC are known: FTX collapsed a week later."""
YEAR = _FEBRUARY - 365 * DAY
DECEMBER = _FEBRUARY - 62 * DAY


def _feb(day: int, time: str = "00:00") -> int:
    """Time (ms UTC) on a day of February 2026; day 0 is 31 January, −30 is 1 January."""
    hours, minutes = time.split(":")
    return _FEBRUARY + (day - 1) * DAY + int(hours) * HOUR + int(minutes) * MINUTE


def _ago(days: int) -> int:
    """Time (ms UTC) so many days before February began."""
    return _FEBRUARY - days * DAY


END = _feb(6, "18:00")
START = _feb(5, "12:00")
WEEK_AGO = END - 7 * DAY
WEEK = START - 7 * DAY - 4 * HOUR
"""From when (ms) the desk has listened."""

NOTE = "made to figures published for 2026-02-06 (Kaiko, SoSoValue, Wintermute, cited by a report); not recorded data"

WEEK_CHANGE = {"BTC": -16.5, "ETH": -22.4, "BNB": -23.4, "SOL": -25.2}
"""Percent over the seven days that end at END, as published."""

ASSETS = {
    asset.name: asset
    for asset in (
        Asset("BTC", 67_800.0, 1, 1.00, 0.0, 260e3, 0, 31e9),
        Asset("ETH", 2_054.20, 2, 1.40, 0.0012, 170e3, 25, 26e9),
        Asset("SOL", 87.61, 2, 1.60, 0.0016, 80e3, 45, 7e9),
        Asset("XRP", 1.4312, 4, 1.30, 0.0022, 80e3, 60, 3.5e9),
        Asset("BNB", 651.40, 2, 1.47, 0.0012, 70e3, 60, 1.6e9),
        Asset("DOGE", 0.09782, 5, 1.45, 0.0026, 70e3, 70, 2.1e9),
        Asset("HYPE", 32.180, 3, 0.80, 0.0040, 70e3, 60, 0.8e9),
        Asset("ZEC", 236.40, 2, 1.90, 0.0050, 80e3, 70, 0.9e9),
    )
}
LEADERS = ("BTC", "ETH", "SOL")

VENUES = (
    Venue("binance", 8, -2e-6, 0.20, 1.0, 0.38, 0.0),
    Venue("bybit", 8, -5e-6, 0.13, 1.4, 0.22, -2e-5),
    Venue("hyperliquid", 1, 20e-6, 0.10, 1.7, 0.14, 3e-5),
    Venue("okx", 8, 3e-6, 0.07, 0.9, 0.16, 1e-5),
    Venue("htx", 8, 24e-6, 0.05, 1.2, 0.10, -4e-5),
    Venue("others", 0, 0.0, 0.45, 0.7, 0.0, 0.0),
)
NAMED = VENUES[:-1]

# Prices

SINCE_FTX: tuple[Knot, ...] = (
    (FIRST, 20_500), (_ago(1181), 20_900), (_ago(1180), 18_550), (_ago(1179), 15_880), (_ago(1174), 16_800),
    (_ago(1128), 16_550), (_ago(1097), 23_100), (_ago(1058), 24_800), (_ago(1022), 30_200), (_ago(960), 26_300),
    (_ago(930), 30_600), (_ago(890), 26_000), (_ago(840), 28_400), (_ago(786), 41_900), (_ago(752), 42_600),
    (_ago(690), 73_100), (_ago(642), 58_300), (_ago(606), 70_900), (_ago(545), 54_100), (_ago(500), 63_800),
    (_ago(454), 69_400), (_ago(411), 106_100), (_ago(393), 94_400), (YEAR, 102_400),
)  # fmt: skip
"""About the level of each time; on 9 November 2022 the fall of FTX's week, the last day worse than 5 February 2026."""
PAST_YEAR: tuple[Knot, ...] = (
    (YEAR, 102_400), (_ago(339), 84_300), (_ago(318), 87_500), (_ago(299), 76_300), (_ago(270), 96_800),
    (_ago(253), 111_200), (_ago(223), 101_000), (_ago(201), 119_800), (_ago(182), 113_400), (_ago(171), 123_600),
    (_ago(153), 108_900), (_ago(135), 116_900), (_ago(118), 125_400), (_ago(117), 126_200), (_ago(114), 121_700),
    (_ago(113), 113_200), (_ago(97), 114_600), (_ago(88), 101_500), (_ago(72), 82_600), (_ago(67), 90_800),
    (DECEMBER, 86_400), (_ago(53), 92_700), (_ago(45), 85_700), (_ago(31), 87_500), (_ago(18), 97_400),
    (_ago(12), 89_200), (_ago(7), 86_600), (_feb(-3, "18:00"), 90_100), (_feb(-2, "12:00"), 88_200), (WEEK, 88_050),
)  # fmt: skip
PAST_WEEK: tuple[Knot, ...] = (
    (_feb(-2, "15:18"), 87_800), (_feb(-2, "15:40"), 86_250), (_feb(-2, "20:30"), 83_400), (_feb(-1, "02:28"), 82_800),
    (_feb(-1, "02:48"), 81_500), (_feb(-1, "10:00"), 83_100), (WEEK_AGO, 67_800 / 0.835), (_feb(0), 83_900),
    (_feb(0, "12:00"), 81_200), (_feb(0, "17:08"), 80_300), (_feb(0, "17:40"), 77_700), (_feb(1, "03:00"), 78_700),
    (_feb(1, "20:00"), 76_400), (_feb(2, "02:00"), 74_900), (_feb(2, "05:58"), 74_500), (_feb(2, "06:18"), 73_200),
    (_feb(2, "09:00"), 75_100), (_feb(2, "17:00"), 78_300), (_feb(3, "06:00"), 78_100), (_feb(3, "15:00"), 75_600),
    (_feb(3, "20:48"), 74_200), (_feb(3, "21:08"), 72_960), (_feb(4), 75_300), (_feb(4, "08:00"), 76_000),
    (_feb(4, "13:00"), 74_900), (_feb(4, "17:58"), 74_000), (_feb(4, "18:18"), 73_040), (_feb(4, "21:00"), 74_300),
    (_feb(5), 73_300), (_feb(5, "02:00"), 73_350), (_feb(5, "03:08"), 72_900), (_feb(5, "03:28"), 71_800),
    (_feb(5, "07:00"), 71_200), (_feb(5, "09:30"), 71_050), (START, 70_900),
)  # fmt: skip
"""Three lows near 73,000, then the break of it on Thursday."""
THE_DAY: tuple[Knot, ...] = (
    (_feb(5, "13:30"), 70_700), (_feb(5, "15:40"), 68_950), (_feb(5, "17:20"), 68_200), (_feb(5, "18:50"), 66_250),
    (_feb(5, "20:00"), 65_500), (_feb(5, "21:40"), 63_900), (_feb(5, "22:26"), 63_050), (_feb(5, "23:00"), 60_600),
    (_feb(5, "23:20"), 61_700), (_feb(5, "23:45"), 62_600), (_feb(6), 63_100), (_feb(6, "00:50"), 63_000),
    (_feb(6, "04:00"), 64_200), (_feb(6, "07:00"), 65_300), (_feb(6, "09:30"), 65_900), (_feb(6, "12:00"), 66_400),
    (_feb(6, "14:40"), 67_600), (_feb(6, "15:50"), 69_300), (_feb(6, "16:36"), 70_280), (_feb(6, "17:05"), 69_100),
    (_feb(6, "17:30"), 68_900), (END, 67_800),
)  # fmt: skip

FALLS = (
    (Wave(_feb(5, "14:20"), 2.0, 0.09), 70_500, 69_150, 14),
    (Wave(_feb(5, "17:34"), 2.4, 0.18), 68_250, 66_350, 18),
    (Wave(_feb(5, "20:10"), 2.6, 0.21), 65_500, 63_650, 20),
    (Wave(_feb(5, "22:36"), 3.0, 0.44), 62_900, 60_050, 18),
    (Wave(_feb(6, "01:30"), 2.0, 0.08), 63_150, 62_150, 14),
)
"""Each wave with BTC's price at its onset, its low and the minutes between."""
WAVES = tuple(wave for wave, *_ in FALLS)

# Liquidations, all chosen

MILLIONS: dict[tuple[str, PositionSide], float] = {
    ("bybit", "long"): 610.0, ("bybit", "short"): 98.0, ("hyperliquid", "long"): 505.0, ("hyperliquid", "short"): 62.0,
    ("binance", "long"): 430.0, ("binance", "short"): 121.0, ("okx", "long"): 212.0, ("okx", "short"): 44.0,
    ("htx", "long"): 168.0, ("htx", "short"): 19.0, ("others", "long"): 190.0, ("others", "short"): 31.0,
}  # fmt: skip
"""USD millions by venue and side between START and END."""
ASSET_SHARES = {"BTC": 50, "ETH": 25, "SOL": 10, "XRP": 5, "BNB": 3, "DOGE": 3, "HYPE": 2, "ZEC": 2}
"""Percent of each."""
EARLIER_WAVES = (
    (_feb(-2, "15:20"), 18, 520e6, 40e6), (_feb(-1, "02:30"), 16, 310e6, 30e6), (_feb(0, "17:10"), 22, 980e6, 70e6),
    (_feb(2, "06:00"), 14, 290e6, 30e6), (_feb(3, "20:50"), 14, 240e6, 30e6), (_feb(4, "18:00"), 14, 210e6, 25e6),
    (_feb(5, "03:10"), 14, 260e6, 30e6),
)  # fmt: skip
"""(onset, minutes, longs, shorts) of the week before; besides, `EARLIER_QUIET` of each side flowed evenly."""
EARLIER_QUIET = (260e6, 190e6)
REBOUNDS = (
    (_feb(5, "16:10"), 20 * MINUTE, 0.08), (_feb(5, "23:45"), 15 * MINUTE, 0.26), (_feb(6, "04:00"), 30 * MINUTE, 0.14),
    (_feb(6, "15:40"), 25 * MINUTE, 0.34), (_feb(6, "16:30"), 15 * MINUTE, 0.18),
)  # fmt: skip
"""(time, spread, weight) of the shorts that were closed as the price bounced."""

# Leverage, all chosen

INTEREST: tuple[Knot, ...] = (
    (_ago(123), 81.0e9), (_ago(117), 90.6e9), (_ago(114), 86.4e9), (_ago(113), 63.0e9), (_ago(88), 67.2e9),
    (_ago(72), 58.9e9), (DECEMBER, 57.0e9), (_ago(18), 63.4e9), (_ago(7), 58.8e9), (WEEK, 58.2e9), (WEEK_AGO, 55.4e9),
    (_feb(0, "19:00"), 51.6e9), (_feb(2, "17:00"), 51.9e9), (_feb(4, "18:20"), 49.5e9), (START, 48.3e9),
)  # fmt: skip
"""USD of BTC contracts open on all venues."""
INTERESTS = {
    "BTC": (90.6e9, 1.0, 0.082), "ETH": (60.4e9, 1.30, 0.105), "SOL": (16.4e9, 1.7, 0.100), "BNB": (2.9e9, 1.3, 0.090),
    "XRP": (8.9e9, 1.9, 0.090),
}  # fmt: skip
"""Peak in USD, power of BTC's distance from its peak, share of the coins that goes from START to END."""
FUNDING: tuple[Knot, ...] = (
    (WEEK, 48e-6), (_feb(-1), 35e-6), (_feb(0, "20:00"), 6e-6), (_feb(2, "08:00"), 14e-6), (_feb(4), 18e-6),
    (_feb(5), 4e-6), (START, -18e-6), (_feb(5, "20:00"), -55e-6), (_feb(6), -190e-6), (_feb(6, "08:00"), -150e-6),
    (END, -110e-6),
)  # fmt: skip
"""8-hour rate over time, before each venue's and asset's own bias."""
BIASES = {"BTC": 0.0, "ETH": -12e-6, "SOL": -20e-6, "BNB": -6e-6, "XRP": -4e-6}

# Depth

DEPTH: tuple[Knot, ...] = (
    (END - 30 * DAY, 8.9e6), (_feb(-1), 8.5e6), (_feb(1), 7.4e6), (_feb(4), 6.1e6), (START, 5.1e6), (END, 5.1e6),
)  # fmt: skip
"""USD of BTC within 1 % on both sides of all venues. Published: on average about $5M, more than $8M in 2025."""
DEPTHS = {"BTC": 1.0, "ETH": 0.62, "SOL": 0.26}
"""The same of others, as a multiple."""

# Options

DVOL: dict[str, tuple[Knot, ...]] = {
    "BTC": (
        (YEAR - 7 * DAY, 55), (_ago(339), 58), (_ago(318), 51), (_ago(299), 63), (_ago(270), 47), (_ago(223), 42),
        (_ago(182), 38), (_ago(153), 39), (_ago(120), 36), (_ago(113), 56), (_ago(97), 43), (_ago(72), 63),
        (DECEMBER, 48), (_ago(31), 42), (_ago(18), 39), (WEEK, 41), (_feb(-1, "04:00"), 46), (_feb(0, "18:30"), 53),
        (_feb(2, "06:30"), 56), (_feb(3, "12:00"), 53), (_feb(4, "18:20"), 57.5), (START, 63), (_feb(5, "20:00"), 71),
        (_feb(5, "22:55"), 88.5), (_feb(6), 86.9), (_feb(6, "04:00"), 81.5), (_feb(6, "12:00"), 79.2), (END, 77.6),
    ),
    "ETH": (
        (YEAR - 7 * DAY, 72), (_ago(339), 78), (_ago(318), 70), (_ago(299), 87), (_ago(270), 68), (_ago(223), 67),
        (_ago(182), 70), (_ago(153), 72), (_ago(120), 64), (_ago(113), 84), (_ago(97), 69), (_ago(72), 84),
        (DECEMBER, 70), (_ago(31), 62), (_ago(18), 59), (WEEK, 61), (_feb(-1, "04:00"), 69), (_feb(0, "18:30"), 79),
        (_feb(2, "06:30"), 82), (_feb(3, "12:00"), 77), (_feb(4, "18:20"), 82), (START, 88), (_feb(5, "20:00"), 98),
        (_feb(5, "22:55"), 116.0), (_feb(6), 113.5), (_feb(6, "04:00"), 106.0), (_feb(6, "12:00"), 101.5), (END, 98.4),
    ),
}  # fmt: skip

_CALM, _STRESSED, _EASED = (WEEK, 0.0), (_feb(5, "22:55"), 1.0), (END, 0.72)
_STRESS: tuple[Knot, ...] = (
    _CALM, (_feb(0, "18:30"), 0.25), (_feb(3, "12:00"), 0.24), (_feb(4, "18:20"), 0.34), (START, 0.5), _STRESSED,
    (_feb(6, "04:00"), 0.84), _EASED,
)  # fmt: skip


def _between(calm: float, stressed: float) -> tuple[Knot, ...]:
    return tuple((ts, calm + (stressed - calm) * stress) for ts, stress in _STRESS)


SURFACES = {
    "BTC": Surface(tuple((ts, 0.92 * value) for ts, value in DVOL["BTC"]), _between(-3, 46), _between(-3.0, -9.5), 3.2),
    "ETH": Surface(
        tuple((ts, 0.905 * value) for ts, value in DVOL["ETH"]), _between(-4, 56), _between(-3.8, -15.2), 4.6
    ),
}
"""The level a little below DVOL, which counts the wings too."""
CARRY = Carry(_between(0.03, -0.44), 0.03)
"""Forwards of the next weeks stand below the price, as the perpetuals do that shorts pay for."""


def _listings(near: range, far: range, held: float) -> tuple[Listing, ...]:
    shares = (
        (_feb(6, "08:00"), near, 0.08), (_feb(13, "08:00"), near, 0.08), (_feb(20, "08:00"), near, 0.06),
        (_feb(27, "08:00"), near, 0.28), (_feb(55, "08:00"), far, 0.24), (_feb(146, "08:00"), far, 0.16),
        (_feb(237, "08:00"), far, 0.10),
    )  # fmt: skip
    return tuple(Listing(expiry, tuple(map(float, strikes)), share * held) for expiry, strikes, share in shares)


LISTINGS = {
    "BTC": _listings(range(45_000, 100_001, 2_500), range(30_000, 150_001, 10_000), 420e3),
    "ETH": _listings(range(1_300, 3_401, 100), range(1_000, 4_801, 400), 2.6e6),
}
"""6, 13, 20, 27 February, 27 March, 26 June and 25 September at 08:00 UTC."""
CROWDS: dict[str, Crowds] = {
    "BTC": {
        ("put", 55_000.0): 6.0, ("put", 60_000.0): 5.5, ("put", 65_000.0): 2.5, ("put", 70_000.0): 3.5,
        ("put", 80_000.0): 2.5, ("call", 75_000.0): 7.0, ("call", 80_000.0): 3.0, ("call", 90_000.0): 3.0,
        ("call", 100_000.0): 2.5,
    },
    "ETH": {
        ("put", 1_500.0): 3.0, ("put", 1_800.0): 5.0, ("put", 2_000.0): 5.0, ("put", 2_600.0): 2.0,
        ("call", 2_200.0): 3.0, ("call", 2_500.0): 3.0, ("call", 3_000.0): 4.0, ("call", 3_400.0): 3.0,
    },
}  # fmt: skip
"""Where positions crowd: puts at 55,000 and 60,000, calls at 75,000, the edges of the range that was published."""

# What stands around

ETF_MILLIONS = {
    "2026-01-21": -708.7, "2026-01-22": -32.1, "2026-01-23": -103.5, "2026-01-26": 6.8, "2026-01-27": -147.4,
    "2026-01-28": -19.6, "2026-01-29": -817.9, "2026-01-30": -509.7, "2026-02-02": 561.8, "2026-02-03": -272.0,
    "2026-02-04": -544.0, "2026-02-05": -434.0,
}  # fmt: skip
"""Net flow of all US spot BTC funds by day. Published: −$1.25B over the last three; 21 and 27 to 29 January."""
FUNDS = {"IBIT": 0.55, "FBTC": 0.22, "GBTC": 0.13, "ARKB": 0.10}

HOLDER, HOLDING, COST = "Spot BTC ETFs", 676_000.0, 90_000.0
"""Average cost near 90,000 and a loss of about $15B were published; at 67,800 the two imply this many coins."""

METRICS: tuple[tuple[str, str, str, int, tuple[Knot, ...]], ...] = (
    ("cd20", "index", "hours", 1, (
        (_ago(31), 2_790), (_ago(18), 3_060), (WEEK, 2_720), (WEEK_AGO, 2_552), (_feb(2, "06:30"), 2_240),
        (START, 2_130), (_feb(5, "22:55"), 1_830), (END, 2_113),
    )),
    ("qqq", "USD", "sessions", 1, (
        (_ago(31), 614.0), (_ago(4), 633.2), (_feb(0), 621.9), (_feb(3), 626.0), (_feb(4), 616.1), (_feb(5), 605.4),
        (_feb(6), 594.7),
    )),
    ("gold", "USD/oz", "sessions", 0, (
        (_ago(31), 4_330), (_ago(12), 4_780), (_ago(4), 5_300), (_ago(3), 5_560), (_feb(0), 4_890), (_feb(3), 4_660),
        (_feb(5), 4_960), (_feb(6), 4_893),
    )),
    ("silver", "USD/oz", "sessions", 2, (
        (_ago(31), 71.5), (_ago(12), 94.0), (_ago(3), 120.0), (_feb(0), 85.2), (_feb(3), 79.1), (_feb(5), 87.3),
        (_feb(6), 74.4),
    )),
    ("igv", "USD", "sessions", 1, ((_ago(31), 105.4), (_ago(4), 98.1), (_feb(3), 91.2), (_feb(6), 79.9))),
    ("fear_greed", "index", "days", 0, (
        (_ago(62), 21), (_ago(31), 20), (_ago(18), 54), (_ago(7), 25), (_feb(1), 16), (_feb(4), 14), (_feb(5), 12),
        (_feb(6), 9),
    )),
    ("us10y", "percent", "sessions", 2, ((_ago(31), 4.16), (_ago(12), 4.28), (_feb(2), 4.28), (_feb(6), 4.21))),
    ("dxy", "index", "sessions", 1, (
        (_ago(31), 98.3), (_ago(12), 98.4), (_ago(4), 96.2), (_feb(2), 97.5), (_feb(6), 97.7),
    )),
)  # fmt: skip
"""Name, unit, when it comes, digits, values over time; a session is known at the midnight (UTC) after it. Published:
qqq −5 % in three sessions, gold −12 % and silver −38 % from their highs, cd20 −17 % in the week."""

HEADLINES = (
    (_feb(5, "13:10"), "A crypto exchange leaves the UK, the EU and Australia and cuts about a quarter of its staff"),
    (_feb(6, "09:40"), "Wintermute: worst single-day drawdown of bitcoin since the collapse of FTX"),
    (_feb(6, "14:05"), "Kaiko: 1 % market depth of bitcoin about $5 million on average, above $8 million in 2025"),
    (_feb(6, "17:20"), "Krinsky: $60,000 is key support; a tradable low is confirmed only above $73,000"),
)  # fmt: skip
"""What the report says, in brief; the hours are chosen."""
