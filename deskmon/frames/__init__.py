"""Markets of the past as pandas frames, for notebooks: events, figures over time, waves, liquidations.

```python
from deskmon import frames

trades = frames.events("desk.jsonl.zst", "trades", start="2h ago")
prices = frames.figures("desk.jsonl.zst", ["prices.BTC.last", "funding.BTC.mean_8h"], every="1m")
```

`source` is the path of a journal or of a folder of segments, `demo` or `demo:NAME`, None for your own rolling journal.
`start` and `end` are moments as `deskmon state --at` takes them, datetimes (UTC where they have no zone) or ms; both
ends are in the span. The index is UTC. `attrs` of a frame has `units` by column, `market_source` (`recorded`,
`simulated`, …) and `note` of the journal. What is unknown is NaN, NaT or None, never 0.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pandas as pd

from deskmon.archive.figure_table import form_of, leaves
from deskmon.archive.kinds import KINDS, kind_named
from deskmon.archive.tables import Form, Row, Table, event_table
from deskmon.clock import MINUTE
from deskmon.events import MIN_TS
from deskmon.events.units import DOLLARS, NUMBER, QUOTE
from deskmon.format import base
from deskmon.frames.cells import Cells
from deskmon.model.figure_path import FigurePath, parse
from deskmon.model.figures import WaveFigure
from deskmon.past import PastMarket, Span, open_source, sample
from deskmon.past.sampling import folded
from deskmon.timeline import parse_duration

Source = str | os.PathLike[str] | None
Moment = str | int | datetime | None
CHUNK = 65_536
"""Rows of events that are held beside the frame that is being made."""
WAVES_EVERY = 5 * MINUTE
"""How often waves are looked at (ms): the desk holds far more than begin meanwhile."""


def events(source: Source = None, kind: str = "trades", start: Moment = None, end: Moment = None) -> pd.DataFrame:
    """All events of a kind (`trades`, `liquidations`, `tickers`, `books` … as `deskmon export --kind` has them), in
    order of arrival. Index `ts`, the venue's clock; words are categoricals, numbers float64, times UTC.

    Raises UsageError for a kind, a moment or a source that there isn't, DeskError where the journal can't be read.
    """
    market, table, span = _events_of(source, kind, start, end)
    kept = {column.name: Cells(column.form) for column in table.columns}
    for rows in _chunks(market, table, span, CHUNK):
        for column in table.columns:
            kept[column.name].add(column.values(rows))
    return _event_frame(kept, table, market)


def event_chunks(
    source: Source = None, kind: str = "trades", start: Moment = None, end: Moment = None, rows: int = CHUNK
) -> Iterator[pd.DataFrame]:
    """The same in frames of at most so many rows each, for more than memory holds. Raises as `events`."""
    market, table, span = _events_of(source, kind, start, end)
    for some in _chunks(market, table, span, rows):
        cells = {column.name: Cells(column.form, column.values(some)) for column in table.columns}
        yield _event_frame(cells, table, market)


def liquidations(source: Source = None, start: Moment = None, end: Moment = None) -> pd.DataFrame:
    """Forced closes, each once: what a venue told twice under one id counts once. Beside the columns of `events` there
    is `asset`, the base of the symbol. Sums of venues that tell only a part are lower bounds. Raises as `events`."""
    frame = events(source, "liquidations", start, end)
    frame = frame[frame.id.isna() | ~frame.duplicated(["venue", "id"])]
    return frame.assign(asset=frame.symbol.map(base).astype("category"))


def figures(
    source: Source = None, names: str | Sequence[str] = "prices", every: str | int = "1m", start: Moment = None,
    end: Moment = None,
) -> pd.DataFrame:  # fmt: skip
    """Figures over time: a row at `start` and each `every` (`1m`, or ms) after it, a column for each figure. A part of
    the state (`prices`) gives a column for each figure in it. Each value is that of `deskmon state --at` that moment.

    Raises UsageError for a figure, a moment or a source that there isn't, DeskError where the journal can't be read.
    """
    paths = [parse(name) for name in ([names] if isinstance(names, str) else names)]
    market = open_source(source)
    span = _span(market, start, end, market.whole.start)
    step = parse_duration(every) if isinstance(every, str) else every
    times: list[int] = []
    columns: dict[str, list[Any]] = {path.text: [] for path in paths if form_of(path) is not None}
    for moment in sample(market, paths, span, step):
        for name, value in _values(paths, moment.values):
            column = columns.setdefault(name, [])
            column += [None] * (len(times) - len(column))
            column.append(value)
        times.append(moment.ts)
    padded = {name: values + [None] * (len(times) - len(values)) for name, values in columns.items()}
    known = {name: parse(name) for name in padded}
    cells = {name: Cells(form_of(known[name]) or "json", values).column() for name, values in padded.items()}
    frame = pd.DataFrame(cells, index=pd.DatetimeIndex(Cells("time", times).column(), name="ts"))
    return _described(frame, {name: path.unit for name, path in known.items()}, market)


def waves(source: Source = None, start: Moment = None, end: Moment = None) -> pd.DataFrame:
    """The liquidation waves of the span, as the desk had them at their end or at the span's, in order of their start,
    which is the index. `by_venue` and `by_symbol`: US dollars by name, a dictionary each. Raises as `figures`."""
    market = open_source(source)
    span = _span(market, start, end, market.whole.start)
    found: dict[int, WaveFigure] = {}
    steps = [*range(span.start, span.end, WAVES_EVERY), span.end]
    for ts, model in folded(market, steps):
        found |= {wave.id: wave for wave in model.waves.figures(ts)}
    within = [wave for wave in found.values() if wave.end is None or wave.end >= span.start]
    within.sort(key=lambda wave: wave.start)
    cells = {name: Cells(form, [_sums(getattr(wave, name)) for wave in within]) for name, (form, _) in _WAVE.items()}
    frame = pd.DataFrame({name: each.column() for name, each in cells.items()}).set_index("start")
    return _described(frame, {name: unit for name, (_, unit) in _WAVE.items()}, market)


_WAVE: Mapping[str, tuple[Form, str]] = {
    "start": ("time", ""), "peak": ("time", ""), "end": ("time", ""), "id": ("integer", ""), "state": ("word", ""),
    "lead": ("word", ""), "usd": ("number", DOLLARS), "long_usd": ("number", DOLLARS),
    "short_usd": ("number", DOLLARS), "count": ("integer", NUMBER), "long_share": ("number", "a fraction"),
    "peak_usd_per_min": ("number", "US dollars a minute"), "price_start": ("number", QUOTE),
    "price_low": ("number", QUOTE), "price_end": ("number", QUOTE), "price_move_pct": ("number", "percent"),
    "open_interest_change_pct": ("number", "percent"), "by_venue": ("number by name", DOLLARS),
    "by_symbol": ("number by name", DOLLARS), "lower_bound": ("boolean", ""), "provisional": ("boolean", ""),
    "incomplete": ("boolean", ""),
}  # fmt: skip
"""Columns of `waves`: the form and the unit of each."""


def _sums(value: Any) -> Any:
    """Sums by name as US dollars by name."""
    return {name: sums.usd for name, sums in value.items()} if isinstance(value, dict) else value


def _events_of(source: Source, kind: str, start: Moment, end: Moment) -> tuple[PastMarket, Table, Span]:
    kind_named(kind)
    market = open_source(source)
    return market, event_table(kind, market.timeline.header.source), _span(market, start, end, MIN_TS)


def _span(market: PastMarket, start: Moment, end: Moment, first: int) -> Span:
    """The span between two moments; without `start` from `first` (ms) on. Raises UsageError."""
    span = market.span(_written(start), _written(end))
    return span._replace(start=first) if start is None else span


def _written(moment: Moment) -> str | None:
    """A moment as people write it."""
    if isinstance(moment, datetime):
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).isoformat()
    return moment if moment is None or isinstance(moment, str) else str(moment)


def _chunks(market: PastMarket, table: Table, span: Span, number: int) -> Iterator[list[Row]]:
    """The rows of a table, so many at once."""
    kind = KINDS[table.name]
    rows = (Row(seq, event) for seq, event in enumerate(market.events(span)) if type(event) is kind)
    while some := list(islice(rows, number)):
        yield some


def _event_frame(cells: Mapping[str, Cells], table: Table, market: PastMarket) -> pd.DataFrame:
    columns = {name: each.column() for name, each in cells.items() if name != "market_source"}
    frame = pd.DataFrame(columns).set_index("ts")
    return _described(frame, {column.name: column.unit for column in table.columns if column.unit}, market)


def _described(frame: pd.DataFrame, units: Mapping[str, str], market: PastMarket) -> pd.DataFrame:
    header = market.timeline.header
    frame.attrs |= {"units": dict(units), "market_source": header.source, "note": header.note}
    return frame


def _values(paths: Sequence[FigurePath], values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Each single value under its path."""
    for path, value in zip(paths, values, strict=True):
        if form_of(path) is not None:
            yield path.text, value
        else:
            yield from leaves(path.text, value)
