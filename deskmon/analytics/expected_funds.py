"""Which funds are expected to report a day, which days count as business days, which of them is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from statistics import median

LOOK_BACK = 10
"""Dates, or business days, that a rule looks back over."""

Reporters = Sequence[Set[str]]
"""The funds that reported, by date, oldest first. Each date has at least one."""


def business_days(reporters: Reporters) -> list[int]:
    """Places of the business days: dates on which at least half as many funds reported as the median number on the ten
    newest dates up to it. A date on which one fund of twelve reported is a holiday, or a day that has just begun."""
    counts = [len(funds) for funds in reporters]
    usual = [median(counts[max(0, place + 1 - LOOK_BACK) : place + 1]) for place in range(len(counts))]
    return [place for place, count in enumerate(counts) if 2 * count >= usual[place]]


def expected(reporters: Reporters, business: Sequence[int], place: int) -> set[str]:
    """Funds that are expected to report a date: those that reported on more than half of the ten business days before
    it (of fewer, where there are fewer), and those that did report it."""
    before = [day for day in business if day < place][-LOOK_BACK:]
    reported = Counter(fund for day in before for fund in reporters[day])
    return {fund for fund, days in reported.items() if 2 * days > len(before)} | set(reporters[place])


def newest_whole(reporters: Reporters, business: Sequence[int]) -> int | None:
    """Place of the newest business day that every expected fund reported; None where the ten newest all lack one."""
    return next(
        (
            place
            for place in reversed(business[-LOOK_BACK:])
            if expected(reporters, business, place) == set(reporters[place])
        ),
        None,
    )
