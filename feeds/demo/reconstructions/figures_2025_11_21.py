"""2025-11-21, the break of $85,000: the figures that were published, and what was chosen around them.

docs/demos.md says which is which.
"""

from __future__ import annotations

from deskmon.feedkit import DAY, HOUR, MINUTE
from deskmon.feeds.demo.reconstructions.orders import Wave
from deskmon.feeds.demo.reconstructions.prices import Knot
from deskmon.feeds.demo.reconstructions.world import Asset, Venue

_NOVEMBER = 1_761_955_200_000  # 2025-11-01T00:00Z
OCTOBER = _NOVEMBER - 31 * DAY


def _nov(day: int, time: str = "00:00") -> int:
    """Time (ms UTC) on a day of November 2025; day 0 is 31 October, −30 is 1 October."""
    hours, minutes = time.split(":")
    return _NOVEMBER + (day - 1) * DAY + int(hours) * HOUR + int(minutes) * MINUTE


END = _nov(21, "11:00")
START = END - DAY
WEEK = START - 7 * DAY - 4 * HOUR
"""From when (ms) the desk has listened."""

NOTE = "made to figures published for 2025-11-21 (liquidations: CoinGlass, cited by a report); not recorded data"

MILLIONS: dict[str, tuple[float, float]] = {
    "bybit": (595.43, 33.68),
    "hyperliquid": (620.80, 8.02),
    "binance": (228.86, 53.42),
    "htx": (146.18, 5.93),
    "okx": (114.16, 24.49),
    "others": (154.57, 14.66),
}
"""USD millions of longs and shorts by venue over the 24 h that end at END. Published but for `others`, which is what is
missing to longs of $1.86B and shorts of $140.2M."""

ASSET_MILLIONS = {
    "BTC": 1010.00, "ETH": 422.87, "SOL": 100.84, "XRP": 82.31, "ZEC": 78.46, "DOGE": 71.20,
    "HYPE": 64.18, "BNB": 52.75, "SUI": 41.92, "ADA": 32.07, "LINK": 25.44, "LTC": 18.16,
}  # fmt: skip
"""USD millions by asset over the same 24 h. BTC, ETH, SOL as published (about, nearly, over), the rest chosen."""

TILT = {"hyperliquid": {"BTC": 1.25, "HYPE": 4.0, "ZEC": 1.5}, "binance": {"BNB": 2.0}, "bybit": {"BTC": 1.1}}
"""What a venue closes more of than its share, before both tables are made to hold."""

ASSETS = {
    asset.name: asset
    for asset in (
        Asset("BTC", 84_720.0, 1, 1.00, 0.0, 260e3, 0, 21e9),
        Asset("ETH", 2_742.15, 2, 1.22, 0.0016, 170e3, 25, 18e9),
        Asset("SOL", 127.84, 2, 1.28, 0.0022, 80e3, 45, 5e9),
        Asset("XRP", 1.9412, 4, 1.20, 0.0022, 80e3, 60, 2.5e9),
        Asset("ZEC", 612.40, 2, 1.10, 0.0060, 80e3, 70, 1.6e9),
        Asset("DOGE", 0.13846, 5, 1.45, 0.0026, 70e3, 70, 1.9e9),
        Asset("HYPE", 33.412, 3, 1.30, 0.0040, 70e3, 60, 0.5e9),
        Asset("BNB", 827.35, 2, 0.92, 0.0016, 70e3, 60, 1.1e9),
        Asset("SUI", 1.3921, 4, 1.50, 0.0030, 60e3, 75, 0.6e9),
        Asset("ADA", 0.4127, 4, 1.40, 0.0026, 55e3, 75, 0.5e9),
        Asset("LINK", 12.184, 3, 1.35, 0.0026, 55e3, 75, 0.4e9),
        Asset("LTC", 84.06, 2, 1.15, 0.0024, 50e3, 75, 0.3e9),
    )
}
LEADERS = ("BTC", "ETH", "SOL")

VENUES = (
    Venue("binance", 8, -2e-6, 0.20, 1.0, 0.38, 0.0),
    Venue("bybit", 8, -5e-6, 0.13, 1.6, 0.22, -2e-5),
    Venue("hyperliquid", 1, 28e-6, 0.09, 1.8, 0.14, 3e-5),
    Venue("okx", 8, 3e-6, 0.07, 0.8, 0.16, 1e-5),
    Venue("htx", 8, 30e-6, 0.06, 1.2, 0.10, -4e-5),
    Venue("others", 0, 0.0, 0.45, 0.7, 0.0, 0.0),
)
NAMED = VENUES[:-1]

FALLS = (
    (Wave(_nov(20, "15:08"), 2.0, 0.07), 91_050, 89_900, 14),
    (Wave(_nov(20, "17:38"), 2.2, 0.11), 89_950, 88_150, 18),
    (Wave(_nov(20, "20:12"), 2.6, 0.17), 88_050, 86_350, 20),
    (Wave(_nov(21, "00:48"), 2.6, 0.24), 85_080, 83_650, 20),
    (Wave(_nov(21, "05:30"), 2.2, 0.13), 83_600, 82_550, 16),
    (Wave(_nov(21, "07:12"), 3.0, 0.28), 82_480, 81_600, 19),
)
"""Each wave with BTC's price at its onset, its low and the minutes between: through 91,000, 90,000, 88,000, the former
support at 85,000, and twice into the pocket of 82,000 to 79,000."""
WAVES = tuple(wave for wave, *_ in FALLS)

BEFORE: tuple[Knot, ...] = (
    (_nov(-30), 114_000), (_nov(-28), 119_500), (_nov(-25), 124_800), (_nov(-24, "16:00"), 121_600),
    (_nov(-22), 121_900), (_nov(-21, "15:00"), 118_300), (_nov(-21, "21:00"), 110_100), (_nov(-20, "12:00"), 111_800),
    (_nov(-17), 113_900), (_nov(-14, "12:00"), 106_500), (_nov(-10), 110_400), (_nov(-4), 114_600),
    (_nov(-1, "12:00"), 108_700), (_nov(2), 110_200), (_nov(4, "18:00"), 100_300), (_nov(7), 102_200),
    (_nov(10), 105_400), (_nov(13), 101_900), (WEEK, 101_600),
)  # fmt: skip
PAST_WEEK: tuple[Knot, ...] = (
    (_nov(13, "15:00"), 102_700), (_nov(13, "21:00"), 98_600), (_nov(14, "02:00"), 97_100), (_nov(14, "11:00"), 96_900),
    (_nov(14, "15:30"), 94_700), (_nov(15, "12:00"), 96_100), (_nov(16, "12:00"), 95_300), (_nov(16, "20:00"), 93_200),
    (_nov(17, "02:00"), 95_500), (_nov(17, "21:00"), 91_500), (_nov(18, "07:00"), 89_500), (_nov(18, "16:30"), 93_300),
    (_nov(19, "08:00"), 91_400), (_nov(19, "20:30"), 88_900), (_nov(20, "03:00"), 91_950), (START, 91_900),
)  # fmt: skip
THE_DAY: tuple[Knot, ...] = (
    (_nov(20, "12:30"), 92_350), (_nov(20, "14:30"), 91_500), (_nov(20, "16:10"), 90_350), (_nov(20, "18:50"), 88_750),
    (_nov(20, "21:40"), 86_900), (_nov(20, "23:30"), 86_250), (_nov(21, "03:20"), 84_980), (_nov(21, "04:40"), 84_100),
    (_nov(21, "06:40"), 82_950), (_nov(21, "08:10"), 82_700), (_nov(21, "09:05"), 83_900), (_nov(21, "09:50"), 84_350),
    (_nov(21, "10:30"), 84_930), (END, 84_720),
)  # fmt: skip

EARLIER_WAVES = (
    (_nov(14, "01:40"), 20, 420e6, 30e6), (_nov(14, "15:10"), 15, 260e6, 25e6), (_nov(16, "19:40"), 14, 190e6, 20e6),
    (_nov(17, "20:40"), 18, 330e6, 30e6), (_nov(18, "06:40"), 18, 380e6, 40e6), (_nov(18, "16:00"), 16, 30e6, 110e6),
    (_nov(19, "20:10"), 12, 240e6, 30e6), (_nov(20, "02:30"), 14, 15e6, 90e6),
)  # fmt: skip
"""(onset, minutes, longs, shorts) of the week before; besides, `EARLIER_QUIET` of each side flowed evenly."""
EARLIER_QUIET = (75e6, 45e6)

REBOUNDS = (
    (_nov(20, "12:10"), 25 * MINUTE, 0.10), (_nov(20, "18:35"), 25 * MINUTE, 0.08),
    (_nov(20, "21:20"), 25 * MINUTE, 0.14), (_nov(21, "03:05"), 25 * MINUTE, 0.20),
    (_nov(21, "08:55"), 25 * MINUTE, 0.26), (_nov(21, "10:20"), 25 * MINUTE, 0.22),
)  # fmt: skip
"""(time, spread, weight) of the shorts that were closed as the price bounced."""

INTEREST: tuple[Knot, ...] = (
    (_nov(-30), 81.0e9), (_nov(-28), 84.6e9), (_nov(-25), 88.9e9), (_nov(-24, "16:00"), 90.6e9), (_nov(-22), 88.2e9),
    (_nov(-21, "15:00"), 86.4e9), (_nov(-21, "22:00"), 62.1e9), (_nov(-17), 70.3e9), (_nov(-14, "12:00"), 66.8e9),
    (_nov(-4), 73.9e9), (_nov(4, "18:00"), 67.2e9), (_nov(10), 69.4e9), (WEEK, 67.9e9), (_nov(14, "16:00"), 66.1e9),
    (_nov(17, "21:00"), 65.4e9), (_nov(18, "16:00"), 67.6e9), (_nov(19, "20:30"), 65.3e9), (START, 66.5e9),
)  # fmt: skip
"""USD of BTC contracts open on all venues."""
INTERESTS = {
    "BTC": (1.0, 1.0, 0.044), "ETH": (60.4e9, 1.32, 0.052), "SOL": (16.4e9, 1.9, 0.062), "XRP": (8.9e9, 2.0, 0.060),
    "DOGE": (5.6e9, 2.6, 0.070), "BNB": (2.9e9, 1.5, 0.040),
}  # fmt: skip
"""Peak in USD, power of BTC's distance from its peak, share of the coins that goes on the day."""

FUNDING: tuple[Knot, ...] = (
    (WEEK, 92e-6), (_nov(15), 71e-6), (_nov(17), 64e-6), (_nov(18, "08:00"), 47e-6), (_nov(19), 55e-6), (START, 45e-6),
    (_nov(20, "20:30"), 20e-6), (_nov(21, "01:30"), -5e-6), (_nov(21, "05:00"), -10e-6), (_nov(21, "07:30"), -22e-6),
    (_nov(21, "09:00"), 2e-6), (END, 12e-6),
)  # fmt: skip
"""8-hour rate over time, before each venue's and asset's own bias."""
BIASES = {"BTC": 0.0, "ETH": 1e-6, "SOL": -2e-6, "XRP": 2e-6, "DOGE": 0.0, "BNB": -1e-6}
DEPTH = {"BTC": 21e6, "ETH": 12e6, "SOL": 5e6}

FEAR_AND_GREED: tuple[Knot, ...] = (
    (_nov(-30), 58), (_nov(-26), 70), (_nov(-21), 64), (_nov(-19), 38), (_nov(-12), 29), (_nov(-9), 40), (_nov(-5), 57),
    (_nov(-4), 60), (_nov(-3), 57), (_nov(0), 44), (_nov(4), 27), (_nov(12), 21), (_nov(14), 17), (_nov(17), 14),
    (_nov(18), 12), (_nov(19), 15), (_nov(20), 13), (_nov(21), 11),
)  # fmt: skip
DOLLAR: tuple[Knot, ...] = ((_nov(-30), 97.9), (_nov(-9), 99.6), (_nov(4), 100.2), (_nov(13), 99.3), (_nov(21), 99.9))
YIELD: tuple[Knot, ...] = ((_nov(-30), 4.12), (_nov(-9), 4.11), (_nov(5), 4.16), (_nov(13), 4.12), (_nov(21), 4.13))
DVOL: tuple[Knot, ...] = (
    (_nov(-30), 36), (_nov(-22), 41), (_nov(-21, "22:00"), 57), (_nov(-10), 47), (_nov(-2), 42), (_nov(4, "18:00"), 50),
    (WEEK, 46), (_nov(18, "07:00"), 54), (START, 52), (_nov(20, "20:30"), 56), (_nov(21, "01:30"), 59.5),
    (_nov(21, "07:30"), 64.1), (END, 62.3),
)  # fmt: skip
ETF_MILLIONS = {
    "2025-11-03": -180.0, "2025-11-04": -570.0, "2025-11-05": -140.0, "2025-11-06": 240.0, "2025-11-07": -550.0,
    "2025-11-10": 5.0, "2025-11-11": 520.0, "2025-11-12": -280.0, "2025-11-13": -860.0, "2025-11-14": -490.0,
    "2025-11-17": -250.0, "2025-11-18": -370.0, "2025-11-19": 70.0, "2025-11-20": -220.0,
}  # fmt: skip
"""Net flow of all US spot BTC funds by day, chosen so that November's sum lies beyond −$3B."""
FUNDS = {"IBIT": 0.55, "FBTC": 0.22, "GBTC": 0.13, "ARKB": 0.10}
