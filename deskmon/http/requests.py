"""What a request asks for, out of its query. Whatever is wrong in it is a UsageError, which the client reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from aiohttp import web

from deskmon.clock import HOUR, MINUTE, SECOND
from deskmon.config.schema import Config
from deskmon.errors import UsageError, nearest
from deskmon.http.event_log import TYPES
from deskmon.model.figure_path import FigurePath, parse
from deskmon.model.figures import State
from deskmon.model.path_steps import split_paths
from deskmon.past import journal_config
from deskmon.report.asking import ReportAsk
from deskmon.report.content import Form
from deskmon.timeline import parse_duration, parse_time

MOST_PATHS = 200
"""Paths of one request."""
MOST_COLUMNS, MOST_ROWS = 400, 150
"""The largest picture."""
SIZE = (160, 48)
POINTS, MOST_POINTS = 300, 2_000
"""Points of a series where nobody says how many, and at most."""
FORMS: Mapping[Form, str] = {"html": "text/html", "md": "text/markdown", "txt": "text/plain"}
"""What a report is written as, and the type of each."""
MOST_ASSETS, MOST_NAME = 20, 40
"""Assets of one report, and characters of a name."""
MOST_NUMBER = 2**53 - 1


class StateAsk(msgspec.Struct, frozen=True, tag="state"):
    """Some parts of the state, by their paths."""

    only: tuple[str, ...]

    def paths(self) -> list[FigurePath]:
        """Raises UsageError for what is no figure."""
        return [parse(path) for path in self.only]


class PictureAsk(msgspec.Struct, frozen=True, tag="picture"):
    """A frame of a layout or of one panel, on so many columns and rows."""

    size: tuple[int, int] = SIZE
    layout: str | None = None
    panel: str | None = None


class FigureAsk(msgspec.Struct, frozen=True, tag="figure"):
    """One figure, with where it comes from."""

    figure: str


class SeriesAsk(msgspec.Struct, frozen=True, tag="series"):
    """One figure from `start` to `end`, each `every` ms, read from the journal in `folder`."""

    figure: str
    start: int
    end: int
    every: int
    folder: str


Ask = StateAsk | FigureAsk | PictureAsk


def query(request: web.Request, *names: str) -> dict[str, str]:
    """The parameters of a request. Raises UsageError for one that isn't among `names`, or is there twice."""
    given = dict(request.query)
    for name in given:
        if name not in names:
            close = nearest(name, names)
            remedy = f"did you mean {close}?" if close else f"there are {', '.join(names) or 'none here'}"
            raise UsageError(f"no parameter is called {name!r}", remedy)
        if len(request.query.getall(name)) > 1:
            raise UsageError(f"the parameter {name} is there twice", "write values apart by commas")
    return given


def state_ask(given: Mapping[str, str]) -> StateAsk:
    """What `only` names; everything without it. Raises UsageError for what is no figure."""
    only = split_paths(given["only"]) if "only" in given else list(State.__struct_fields__)
    if not only:
        raise UsageError("only names nothing", "write some keys or figures, apart by commas: prices,feeds")
    if len(only) > MOST_PATHS:
        raise UsageError(f"only names {len(only)} figures", f"ask for {MOST_PATHS} at most")
    ask = StateAsk(tuple(only))
    ask.paths()
    return ask


def picture_ask(given: Mapping[str, str], config: Config) -> PictureAsk:
    """What a picture shows. Raises UsageError for a layout or a panel that there isn't, and for a size out of
    bounds."""
    from deskmon.config.findings import suggestion
    from deskmon.plugins import load_panel

    layout, panel = given.get("layout"), given.get("panel")
    if layout is not None and panel is not None:
        raise UsageError("layout and panel can't both be shown", "leave one out")
    if layout is not None and layout not in config.layouts:
        raise UsageError(f"no layout {layout!r}", suggestion(layout, config.layouts))
    if panel is not None:
        load_panel(panel)
    return PictureAsk(_size(given["size"]) if "size" in given else SIZE, layout, panel)


def series_ask(path: FigurePath, given: Mapping[str, str], started: int, now: int, folder: str) -> SeriesAsk:
    """A figure over time: the last hour, in at most POINTS steps, where `from`, `to` and `every` say nothing else.
    Raises UsageError for what is no number, no stretch of time, or has more than MOST_POINTS steps."""
    if not path.is_number:
        raise UsageError(f"{path.text} is no number", "over time there are numbers alone: prices.BTC.last")
    end = parse_time(given["to"], started, now) if "to" in given else now
    start = parse_time(given["from"], started, now) if "from" in given else end - HOUR
    if start >= end or end > now + MINUTE:
        raise UsageError("from and to are no stretch of the past", "write an earlier time as from, up to now as to")
    least = max(SECOND, -(-(end - start) // POINTS // SECOND) * SECOND)
    every = parse_duration(given["every"]) if "every" in given else least
    if (end - start) // every >= MOST_POINTS:
        raise UsageError(f"every {every} ms are more than {MOST_POINTS} points", "take longer steps, such as every=1m")
    return SeriesAsk(path.text, start, end, every, folder)


def report_ask(given: Mapping[str, str], form: str, config: Config, folder: str, now: int) -> ReportAsk:
    """A report of the journal in `folder`: the week so far, where `from` and `to` say nothing else. Raises UsageError
    for what is no moment, or no name of an asset."""
    for name in ("from", "to"):
        if name in given:
            parse_time(given[name], now, now)
    assets = tuple(filter(None, (name.strip() for name in given.get("asset", "").split(","))))
    if len(assets) > MOST_ASSETS or any(len(name) > MOST_NAME or not name.isprintable() for name in assets):
        raise UsageError("asset names none", f"write {MOST_ASSETS} names at most, apart by commas: BTC,ETH")
    market = journal_config(config, folder)
    return ReportAsk(
        market, msgspec.convert(form, Form), given.get("from"), given.get("to", str(now)), assets, judge=False
    )  # fmt: skip


def _size(text: str) -> tuple[int, int]:
    parts = text.split("x")
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= 4]
    if len(parts) == len(numbers) == 2 and 1 <= numbers[0] <= MOST_COLUMNS and 1 <= numbers[1] <= MOST_ROWS:
        return numbers[0], numbers[1]
    most = f"{MOST_COLUMNS}x{MOST_ROWS}"
    raise UsageError(f"{text[:40]!r} is no size of a picture", f"write columns x rows, like 160x48, {most} at most")


def begin_of(given: Mapping[str, str], last_event: str | None) -> int | None:
    """The number of the first event that a reader wants: `from`, else the one after what its browser had last; None for
    what comes from now on. Raises UsageError."""
    if "from" in given:
        return _number(given["from"])
    return None if last_event is None else _number(last_event) + 1


def _number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= MOST_NUMBER:
        return int(text)
    raise UsageError(f"{text[:40]!r} is no number of an event", "take one of the ids that /events sends, or 0")


def types_of(given: Mapping[str, str]) -> Collection[str]:
    """The types of events that a reader wants, all without `type`. Raises UsageError for one that there isn't."""
    if "type" not in given:
        return TYPES
    named = tuple(filter(None, (name.strip() for name in given["type"].split(","))))
    for name in named:
        if name not in TYPES:
            close = nearest(name, TYPES)
            remedy = f"did you mean {close}?" if close else f"there are {', '.join(sorted(TYPES))}"
            raise UsageError(f"no event has the type {name[:40]!r}", remedy)
    if not named:
        raise UsageError("type names nothing", "write some types apart by commas: liquidation,wave")
    return named
