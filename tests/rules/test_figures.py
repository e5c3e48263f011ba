"""Conventions of figures in CONTRIBUTING.md: units, what is unknown, what is a lower bound."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest

from deskmon import events
from deskmon import format as fmt
from deskmon.api import MINUTE, Frame, Panel
from deskmon.events import (
    Candle,
    Event,
    FeedStatus,
    Journal,
    Liquidation,
    OpenInterest,
    Option,
    Pulse,
    Ticker,
    VenueEvent,
)
from deskmon.model.figure_list import figures
from deskmon.model.figure_path import parse
from deskmon.model.figures import State
from deskmon.model.path_steps import Name, write_path
from deskmon.plugins import load_panel, panel_names
from deskmon.testing import NOW, model_of, sample_events
from tests.markets import sample

ROOT = Path(__file__).parents[2]

# --- Units ---

NAMED = {
    "ms": "ms", "ts": "ms since 1970", "hours": "hours", "pct": "%", "bps": "bps", "usd": "USD", "mb": "MB",
    "share": "fraction", "apr": "fraction", "iv": "vol points", "oi": "coins", "n": "count",
}  # fmt: skip
"""The unit that the last part of a figure's name says."""
IN_THE_NAME = {"ms": r"_ms$", "%": r"_pct$", "bps": r"_bps$"}
"""Units that a name has to end in, but for those of `NAMELESS`."""
NAMELESS = {"put_skew": "its meaning says of what it is percent"}
RATIOS = {"put_call_oi"}


def field(figure: str) -> str:
    """The name of the field: what stands before keys and places in capitals."""
    return re.sub(r"(\.[A-Z]{3,}|\[\w+])+$", "", figure).rpartition(".")[2]


def kind(figure: str, keys: dict[str, tuple[str, ...]]) -> type:
    path = figure.replace("[PRICE]", "[85000]").replace("[DATE]", "[2026-03-27]")
    for word, names in keys.items():
        path = path.replace(word, write_path("", Name(names[0])))
    found = parse(path).type
    return str if get_origin(found) is Literal else found


def test_the_unit_of_each_figure_fits_its_name_and_its_type():
    types = {"ms since 1970": int, "count": int, "true or false": bool, "text": str, "date": str}
    types |= {"that of the figure": bool | float | str | None}
    for each in figures():
        name, of = field(each.figure), kind(each.figure, each.keys)
        said = NAMED.get(name.rpartition("_")[2])
        assert said is None or name in RATIOS or each.unit.startswith(said), f"{each.figure} is in {each.unit}"
        ending = IN_THE_NAME.get(each.unit)
        assert ending is None or name in NAMELESS or re.search(ending, name), f"{each.figure} hides {each.unit}"
        assert of == types.get(each.unit, of), f"{each.figure} is {of}, its unit {each.unit}"
        assert of in (int, float) or each.unit in types, f"{each.figure} is {of}, its unit {each.unit}"


def units_of_events() -> dict[str, str]:
    """By word the unit, as the table in docs/journal.md has them."""
    page = (ROOT / "docs/journal.md").read_text(encoding="utf-8").partition("| words | unit |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    return {word: unit for words, unit in rows for word in re.findall(r"`([\w.]+)`", words)}


def counts(kind: Any) -> bool:
    """Whether there are numbers in what a field holds."""
    return kind in (int, float) or any(map(counts, get_args(kind)))


def test_the_unit_of_each_number_of_a_journal_is_stated():
    kinds = [kind for name in events.__all__ if isinstance(kind := getattr(events, name), type)]
    journalled = [kind for kind in kinds if issubclass(kind, Event) and kind not in (Event, VenueEvent, Pulse)]
    numbers = {
        (kind.__struct_config__.tag, field.name)
        for kind in journalled for field in msgspec.structs.fields(kind) if counts(field.type)
    }  # fmt: skip
    units = units_of_events()
    assert not {f"{tag}.{name}" for tag, name in numbers if not {name, f"{tag}.{name}"} & units.keys()}
    assert units.keys() <= {name for _, name in numbers} | {f"{tag}.{name}" for tag, name in numbers}


# --- What is unknown ---

GLYPHS = {"arrow", "bar", "known", "price_digits"}
"""Functions of `deskmon.format` that take a figure and write none."""
NOTHING_HEARD = re.compile(r"count|quotes|no_bid")
"""Figures that are 0 where nothing was heard: they count what was."""


def test_a_figure_that_is_not_known_prints_as_a_dash():
    writers = {
        name: function
        for name, function in vars(fmt).items()
        if inspect.isfunction(function) and not name.startswith("_") and name not in GLYPHS
        and "None" in str(next(iter(inspect.signature(function).parameters.values())).annotation)
    }  # fmt: skip
    assert {"amount", "price", "percent", "fraction", "age", "clock", "day", "date"} <= writers.keys()
    for name, function in writers.items():
        more = [NOW] * (len(inspect.signature(function).parameters) > 1 and name in ("since", "moment"))
        assert function(None, *more) == fmt.UNKNOWN == "—", name


def leaves(part: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, each in inner:
        yield from leaves(each, f"{path}.{key}")
    if not isinstance(part, dict | list):
        yield path, part


def without_optional_fields(event: Event) -> Event:
    absent = {each.name: None for each in msgspec.structs.fields(event) if each.default is None and each.name != "recv"}
    return msgspec.structs.replace(event, **absent)


@pytest.mark.parametrize(
    "missing", [Ticker, OpenInterest, Option, None], ids=["prices", "interest", "options", "fields"]
)
def test_what_was_not_heard_is_never_0(missing: type[Event] | None):
    heard = dict(leaves(msgspec.to_builtins(sample("full").state(NOW))))
    told = [each for each in sample_events("full") if missing is None or not isinstance(each, missing)]
    known = model_of(map(without_optional_fields, told) if missing is None else told).state(NOW)
    found = dict(leaves(msgspec.to_builtins(known)))
    assert found != heard
    zeros = {path for path, value in found.items() if value == 0 and value is not False and heard.get(path)}
    assert not {path for path in zeros if not NOTHING_HEARD.search(path)}


# --- Lower bounds ---


SUMMING = {"liquidation_days", "level", "liquidation_map", "liquidations", "orders", "symbol", "venue", "wave", "waves"}
"""Panels that show what was liquidated in a window or a wave."""


def sampled_market() -> list[Event]:
    """Liquidations of a venue that tells some of them only, and prices."""
    kinds = (Journal, Ticker, Candle, Liquidation, FeedStatus, Pulse)
    return [
        msgspec.structs.replace(each, venue="okx") if isinstance(each, Liquidation) else each
        for each in sample_events("full")
        if isinstance(each, kinds)
    ]


def totals(state: State) -> set[str]:
    """All that was liquidated in windows and waves, each as a panel may write it."""
    found = set()
    for whole in (*state.liquidations.windows.values(), *state.liquidations.waves):
        assert whole.lower_bound or not whole.usd
        for sums in (whole, *whole.by_symbol.values(), *whole.by_venue.values()):
            known = (usd for usd in (sums.usd, sums.long_usd, sums.short_usd) if usd)
            found |= {fmt.amount(usd, digits=digits) for usd in known for digits in (None, 0, 1, 2)}
    return found


def panel_of(name: str) -> Panel:
    made = load_panel(name)
    return made(msgspec.convert({"venue": "okx"} if name == "venue" else {}, made.Options))


def bare_totals(lines: list[str], written: set[str]) -> list[tuple[str, str]]:
    """Totals without ≥ before them; what stands alone at the left of a chart is its scale, and an order is whole."""
    return [
        (found[0], line)
        for line in lines
        if not re.match(r" +[\d.]+[KMB] +[ ░▁-█]*$", line) and " liq " not in line
        for found in re.finditer(r"(?<![≥\d.,])(?<!≥[$+−])\b[\d.]+[KMB]\b", line)
        if found[0] in written
    ]


def test_a_total_that_may_be_incomplete_prints_as_a_lower_bound():
    model = model_of(sampled_market())
    shown = set()
    for now in (NOW, NOW + 5 * MINUTE):  # while a wave runs, and after it
        written = totals(model.state(now))
        for panel in map(panel_of, panel_names()):
            for width, height in ((200, 50), (60, 14)):
                frame = Frame(model, now, width, height, "BTC", True)
                lines = ["".join(text for text, _ in line) for line in panel.draw(frame)] + [panel.note(frame)]
                assert not bare_totals(lines, written), panel.name
                shown |= {panel.name for total in written if any(f"≥{total}" in line for line in lines)}
    assert shown == SUMMING


def test_a_total_without_its_mark_is_found():
    assert bare_totals(["okx   ≥12.3M   4.56M"], {"12.3M", "4.56M"}) == [("4.56M", "okx   ≥12.3M   4.56M")]
    assert bare_totals(["WAVE 1 · $12.3M in 4 m"], {"12.3M"})
    assert not bare_totals(["WAVE 1 · ≥$12.3M in 4 m", "  12.3M    ▁█  "], {"12.3M"})
