"""Holders: what treasuries and funds hold of a coin, what they paid and gained, what they bought and sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deskmon import format as fmt
from deskmon.clock import DAY
from deskmon.model import Model
from deskmon.model.figures import HolderFigure
from deskmon.report.content import Block, Cell, Inline, Paragraph, Table
from deskmon.report.phrases import coins, path_of, signed_percent, signed_usd, usd
from deskmon.report.reading import Reading, Words, says, together
from deskmon.report.sections.market_phrases import day

HOLDERS = 6
"""Of an asset: those with the most coins."""
YEAR = 365.25 * DAY


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Nothing: a holding stays what it was said to be."""
    return []


def write(reading: Reading) -> list[Block]:
    """For each asset its largest holders in a table, and what each bought or sold in a sentence."""
    known = reading.model.holders.figures(reading.end)
    blocks: list[Block] = []
    for asset in reading.assets:
        if asset not in known:
            reading.lacks(path_of("holdings", asset), f"no holder of {asset} told what it has")
            continue
        holders = dict(list(known[asset].items())[:HOLDERS])
        blocks.append(_table(reading, asset, holders))
        for entity, held in holders.items():
            told = together(_trade(reading, asset, entity, held), _inferred(reading, asset, entity, held))
            blocks += [] if told is None else [told]
    return blocks


def _table(reading: Reading, asset: str, holders: Mapping[str, HolderFigure]) -> Table:
    columns: dict[str, tuple[str, Words]] = {
        "holds": ("amount", coins), "of the supply": ("share", _share),
        "average cost": ("average_cost", lambda cost: fmt.price(cost, 0)), "worth, USD": ("value_usd", usd),
        "unrealised, USD": ("unrealised_usd", signed_usd), "unrealised": ("unrealised_pct", signed_percent),
    }  # fmt: skip
    flow = reading.model.flows.figures(reading.end).get(asset)
    funds = {} if flow is None else {name: fund for name, fund in flow.funds.items() if fund.share is not None}
    rows: list[list[Cell]] = []
    for entity, held in holders.items():
        row = [reading.figure(path_of("holdings", asset, entity, name), words) for name, words in columns.values()]
        if funds.keys() & holders.keys():
            path = path_of("flows", asset, "funds", entity, "share")
            row.append(reading.figure(path, _share) if entity in funds else None)
        rows.append([[entity], [day(held.ts)], *([cell or fmt.UNKNOWN] for cell in row)])
    of_funds = [f"of all {asset} funds"] if funds.keys() & holders.keys() else []
    return Table(
        f"The largest holders of {asset}, as they say themselves", ["holder", "said on", *columns, *of_funds], rows
    )


def _trade(reading: Reading, asset: str, entity: str, held: HolderFigure) -> Paragraph | None:
    """The newest purchase or sale, and how long the one of its kind before it was ago."""
    if held.trade_amount is None or held.trade_ts is None:
        return None
    amount, dollars, last = (
        path_of("holdings", asset, entity, name) for name in ("trade_amount", "trade_usd", "trade_last")
    )
    did, kind = ("sold", "sale") if held.trade_amount < 0 else ("bought", "purchase")
    parts: list[Inline | None] = [
        f"{entity} {did} ", reading.figure(amount, lambda each: coins(abs(each))), f" {asset} for ",
        reading.figure(dollars, lambda each: usd(abs(each))), f" on {day(held.trade_ts)}",
    ]  # fmt: skip
    if held.trade_last is None:
        reading.lacks(last, f"no earlier {kind} of {entity} is known")
        return says(*parts, ".")
    years = (held.trade_ts - held.trade_last) / YEAR
    if years >= 1:
        before = reading.derived(last, f"{years:.1f} years")
        return says(*parts, f", its first {kind} in ", before, f": the one before was on {fmt.date(held.trade_last)}.")
    return says(*parts, f"; the {kind} before was on ", reading.figure(last, fmt.date), ".")


def _inferred(reading: Reading, asset: str, entity: str, held: HolderFigure) -> Paragraph | None:
    """What two reports imply, where no trade was told since."""
    if held.change_ts is None or held.change_from is None or (held.trade_ts or 0) > held.change_from:
        return None
    amount = reading.figure(path_of("holdings", asset, entity, "change_amount"), _signed_coins)
    return says(
        f"Its reports of {fmt.date(held.change_from)} and {fmt.date(held.change_ts)} differ by ", amount,
        f" {asset}: bought or sold meanwhile, at prices that are not known.",
    )  # fmt: skip


def _share(value: float) -> str:
    return fmt.fraction(value, 2)


def _signed_coins(value: float) -> str:
    return f"+{coins(value)}" if value > 0 else coins(value)
