"""What deskmon.toml says of alerts: rules, routes, scenarios and trial runs, as structs. No model: config uses this."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from deskmon.alerts.values import number
from deskmon.errors import UsageError
from deskmon.events import MAX_TEXT, MIN_TS, MOST_LEGS, Severity
from deskmon.timeline import parse_duration, parse_time

SEVERITIES: tuple[Severity, ...] = ("info", "warn", "page")
NEVER = "never"
MOST_RULES, MOST_COMPARISONS = 300, 500
"""Rules and paths of scenarios that are judged, and different comparisons of all of them: `benchmarks.alerts` measures
1.7 % of a core for 300 rules with 450 comparisons, and alerts may cost 2 %."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,24}")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")

Word = Annotated[str, Meta(min_length=1)]
Leg = Annotated[str, Meta(min_length=1, max_length=300)]
Legs = Annotated[tuple[Leg, ...], Meta(max_length=MOST_LEGS)]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: a table of deskmon.toml."""


class Condition(Table, frozen=True):
    """What rules and paths of scenarios have in common: comparisons ("legs"), and how long they must hold."""

    when: Annotated[Leg | None, Meta(description="A comparison that must hold: `prices.BTC.last < 85000`.")] = None
    all: Annotated[Legs, Meta(description="Comparisons that must all hold.")] = ()
    any: Annotated[Legs, Meta(description="Comparisons of which one must hold.")] = ()
    not_: Annotated[Legs, Meta(description="Comparisons of which none may hold.")] = field(default=(), name="not")
    clear: Annotated[
        Leg | None,
        Meta(description="What must hold before it is over; without it: that it no longer holds."),
    ] = None
    for_: Annotated[str, Meta(description="How long it must hold before it fires.")] = field(default="0s", name="for")

    def __post_init__(self) -> None:
        length("for", self.for_)

    @property
    def legs(self) -> int:
        """How many comparisons it has, without `clear`."""
        return (self.when is not None) + len(self.all) + len(self.any) + len(self.not_)


class RuleSettings(Condition, frozen=True):
    """`[alerts.rules.NAME]`: a condition over figures (`deskmon list figures`), and whom it calls."""

    enabled: Annotated[bool, Meta(description="Whether it is judged.")] = True
    each: Annotated[
        Literal["pin", "asset", "feed"] | None,
        Meta(
            description="One rule for each pin (`{symbol}`, `{price}`), each asset with a price (`{asset}`) or each "
            "feed (`{feed}`): these words in its comparisons stand for its own."
        ),
    ] = None
    keep: Annotated[str, Meta(description="How long it fires on once it could be over.")] = "0s"
    severity: Annotated[Severity, Meta(description="How urgent it is.")] = "warn"
    group: Annotated[Word | None, Meta(description="Rules of a group are told in one message.")] = None
    mutes: Annotated[tuple[str, ...], Meta(description="Rules that call nobody while this one fires.")] = ()
    once: Annotated[bool, Meta(description="Whether it expires after it has fired once.")] = False
    expires: Annotated[str | None, Meta(description="When it expires: `2026-12-31` or `2026-12-31T21:00Z`.")] = None
    every: Annotated[
        bool,
        Meta(description="Whether it fires anew with each new entry of a ledger (flows, holdings, headlines)."),
    ] = False
    text: Annotated[
        Annotated[str, Meta(max_length=MAX_TEXT)] | None,
        Meta(description="What a message says: `BTC at {prices.BTC.last}`; `{value}`: what decided."),
    ] = None
    unknown_after: Annotated[
        str | None, Meta(description="As in `[alerts]`, for this rule; `never`: it isn't told.")
    ] = None

    def __post_init__(self) -> None:
        Condition.__post_init__(self)
        length("keep", self.keep)
        if self.unknown_after is not None:
            length("unknown_after", self.unknown_after)
        if self.expires is not None:
            moment("expires", self.expires)


class RouteSettings(Table, frozen=True):
    """`[alerts.routes.NAME]`: where a hub sends what fires."""

    type: Annotated[
        Literal["webhook", "ntfy", "mqtt", "apprise"],
        Meta(description="How; `apprise` needs deskmon[notify]."),
    ]
    url: Annotated[Word | None, Meta(description="Where: an address, `env:NAME` or `file:PATH`.")] = None
    token: Annotated[
        Word | None, Meta(description="What `webhook` and `ntfy` are asked for: `env:NAME` or `file:PATH`.")
    ] = None
    proxy: Annotated[
        Word | None,
        Meta(
            description="The HTTP proxy of `webhook` and `ntfy`: `http://HOST:PORT`, or `env:NAME` or `file:PATH` with "
            "user and password in it; the environment's where absent."
        ),
    ] = None
    severities: Annotated[tuple[Severity, ...], Meta(description="What is sent.")] = SEVERITIES
    quiet: Annotated[str | None, Meta(description="Hours (UTC) in which only `page` is sent: `22:00-06:00`.")] = None

    def __post_init__(self) -> None:
        if self.quiet is not None and not _CLOCK.fullmatch(self.quiet):
            raise ValueError(f"quiet is written like 22:00-06:00, got {self.quiet[:40]!r}")


class AlertsConfig(Table, frozen=True):
    """`[alerts]`: rules, which the hub judges at each second, and where it sends what fires."""

    send: Annotated[bool, Meta(description="Whether a private hub sends to routes; `deskmon hub` always does.")] = False
    ring: Annotated[
        Literal["auto", "on", "off"],
        Meta(
            description="Whether a screen rings its bell and shows a notification for `warn` and `page`; `auto`: on a "
            "live market, but not in a kiosk."
        ),
    ] = "auto"
    unknown_after: Annotated[
        str,
        Meta(description="How long nobody can tell before the desk says so; `never`: it doesn't."),
    ] = "5m"
    path: Annotated[
        Word | None,
        Meta(
            description="Where states are kept; `alerts.json` in the user's state folder where absent.",
        ),
    ] = None
    heartbeat: Annotated[
        Word | None,
        Meta(
            description="Asked (GET) or published to once a minute while the desk watches: an address, "
            "`mqtts://HOST/TOPIC`, `env:NAME` or `file:PATH`."
        ),
    ] = None
    rules: Annotated[dict[str, RuleSettings], Meta(description="Rules by name.")] = {}
    routes: Annotated[dict[str, RouteSettings], Meta(description="Routes by name.")] = {}

    def __post_init__(self) -> None:
        length("unknown_after", self.unknown_after)


class ScenarioSettings(Condition, frozen=True):
    """`[scenarios.SET.PATH]`: a path that the market may take, as a condition; its state is shown, nobody is called."""

    target: Annotated[
        Annotated[str, Meta(max_length=80)] | None,
        Meta(description="Where it leads, a price or a range: `90000-94000`."),
    ] = None

    def __post_init__(self) -> None:
        Condition.__post_init__(self)
        if self.target is not None and not _is_price_or_range(self.target):
            raise ValueError(f"target is a price or a range such as 90000-94000, got {self.target[:40]!r}")


class Expectation(Table, frozen=True):
    """`[[tests.expect]]`: how a rule must stand at a moment of a trial run."""

    at: Annotated[str, Meta(description="How long after the start: `40s`.")]
    rule: Annotated[str, Meta(description="A rule, or `scenarios.SET.PATH`.")]
    state: Annotated[Literal["ok", "pending", "firing", "clearing", "unknown"], Meta(description="How it must stand.")]

    def __post_init__(self) -> None:
        length("at", self.at)


class AlertTest(Table, frozen=True):
    """`[[tests]]`: a trial run of rules on series written by hand."""

    name: Annotated[str, Meta(description="What it shows.", min_length=1, max_length=200)]
    series: Annotated[
        dict[str, str],
        Meta(description="Values by figure, one a step: `1M*5 20M..30M*10 _`; `_` is unknown, the last value stays."),
    ]
    expect: Annotated[tuple[Expectation, ...], Meta(description="What must come out.", min_length=1)]
    step: Annotated[str, Meta(description="Time from one value to the next.")] = "1s"

    def __post_init__(self) -> None:
        length("step", self.step)


def length(key: str, text: str) -> int | None:
    """A length of time as `for`, `keep` and `unknown_after` write it, in ms; None for `never` where the key allows it.
    Raises ValueError that begins with the key."""
    if text.strip() in ("0", "0s"):
        return 0
    if key == "unknown_after" and text == NEVER:
        return None
    try:
        return parse_duration(text)
    except UsageError as fault:
        raise ValueError(f"{key} is a length of time such as 90s or 4h, got {text[:40]!r}") from fault


def moment(key: str, text: str) -> int:
    """A time as `expires` writes it, in ms. Raises ValueError that begins with the key."""
    try:
        return MIN_TS if text.strip().startswith("+") else parse_time(text, MIN_TS, MIN_TS)
    except UsageError as fault:
        raise ValueError(f"{key} is a time such as 2026-12-31T21:00Z, got {text[:40]!r}") from fault


def _is_price_or_range(text: str) -> bool:
    try:
        prices = [number(part.strip(), "quote currency") for part in text.split("-")]
    except UsageError:
        return False
    return len(prices) <= 2 and 0 < prices[0] <= prices[-1]


def is_rule_name(text: str) -> bool:
    """Whether a rule, a route, a set or a path may be called so: it stands in topics, figures and messages."""
    return _NAME.fullmatch(text) is not None
