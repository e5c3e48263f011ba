"""What surrounds a market: flows of funds, holders, other series, news."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Literal

from deskmon.events import checks
from deskmon.events.base import Event
from deskmon.events.checks import MAX_TS, MIN_TS


class EtfFlow(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="etf_flow"):
    """Net creation (+) or redemption (−) of one fund on one day, `date` as YYYY-MM-DD."""

    asset: str
    fund: str
    date: str
    usd: float
    aum_usd: float | None = None
    status: Literal["preliminary", "final"] | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("asset", self.asset)
        checks.name("fund", self.fund)
        checks.date("date", self.date)
        checks.finite(usd=self.usd)
        checks.not_negative(aum_usd=self.aum_usd)
        if self.status is not None:
            checks.member("status", self.status, ("preliminary", "final"))
        checks.text("source", self.source)


class Holding(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="holding"):
    """What an entity holds of an asset, and its average cost per unit where that is known."""

    entity: str
    asset: str
    amount: float
    average_cost: float | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("entity", self.entity)
        checks.name("asset", self.asset)
        checks.not_negative(amount=self.amount, average_cost=self.average_cost)
        checks.text("note", self.note)


class HoldingTrade(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="holding_trade"):
    """A purchase (+) or sale (−) by an entity."""

    entity: str
    asset: str
    amount: float
    usd: float

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("entity", self.entity)
        checks.name("asset", self.asset)
        checks.finite(amount=self.amount, usd=self.usd)


class Metric(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="metric"):
    """One value of a named context series."""

    name: str
    value: float
    unit: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("name", self.name)
        checks.finite(value=self.value)
        checks.text("unit", self.unit)
        checks.text("source", self.source)


class Headline(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="headline"):
    """A line of news."""

    text: str
    source: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        if not self.text.strip():
            raise ValueError("text: says nothing")
        checks.text("text", self.text)
        checks.text("source", self.source)
        checks.text("url", self.url)


class CalendarEntry(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="calendar"):
    """What is due at `time` (ms): a release, a decision, an expiry. A later one of the same `uid` takes its place;
    `removed`: it is due no more."""

    time: int
    text: str
    uid: str | None = None
    source: str | None = None
    removed: bool = False

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        if not MIN_TS <= self.time <= MAX_TS:
            raise ValueError(f"time: {self.time!r} is not a time in ms between 2000 and 2100")
        if not self.text.strip():
            raise ValueError("text: says nothing")
        checks.text("text", self.text)
        checks.text("uid", self.uid)
        checks.text("source", self.source)
