"""A whole desk whose sources are a local server: its configuration, and the figures that it is to show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.context.server import Sources, urls

SERIES = (
    "fear_greed", "total_market_cap", "btc_dominance", "market_cap_btc", "market_cap_eth", "us10y", "dxy", "ndx", "spx",
    "qqq", "igv", "gold", "silver", "msft", "stablecoin_supply", "active_loans", "sopr_sth", "sopr_lth",
)  # fmt: skip
BY_FILE = {"loans_usde": 6.65e8, "loans_weth": 2.85e9, "etp_aum": 178e9, "etf_aum_btc": 107.65e9}
"""What no public source tells."""
FUNDS = ("BTC", "ETH", "SOL", "XRP")


class Shown(NamedTuple):
    """One figure: its place in the state, its value, who told it, of which time (ms or date), how old it is (ms)."""

    path: str
    value: float
    source: str | None
    of: int | str
    age_ms: int


def configuration(folder: Path, sources: Sources) -> Path:
    """A deskmon.toml with all sources at the server, and a file of the desk's own."""
    own = folder / "own.csv"
    own.write_text("day,name,value\n" + "".join(f"2026-02-05,{name},{value}\n" for name, value in BY_FILE.items()))
    addresses = "\n".join(f"{name} = {json.dumps(url)}" for name, url in urls(sources).items())
    file = folder / "deskmon.toml"
    file.write_text(
        f'[feeds.context]\ntype = "context"\n[feeds.context.urls]\n{addresses}\n'
        f'[feeds.own]\ntype = "file"\npath = {json.dumps(str(own))}\ncolumns = {{ name = "name", value = "value" }}\n'
        'values = { unit = "USD", source = "own.csv" }\n'
    )
    return file


def shown(state: dict[str, Any]) -> Iterator[Shown]:
    """The figures of the context in what `deskmon state` prints."""
    for name, each in state["metrics"].items():
        yield Shown(f"metrics.{name}.value", each["value"], each["source"], each["ts"], each["age_ms"])
    for asset, flows in state["flows"].items():
        for fund, each in flows["funds"].items():
            path = f"flows.{asset}.funds.{fund}.day_usd"
            yield Shown(path, each["day_usd"], each["source"], each["date"], each["age_ms"])
    for asset, holders in state["holdings"].items():
        for entity, each in holders.items():
            yield Shown(f"holdings.{asset}.{entity}.amount", each["amount"], each["note"], each["ts"], each["age_ms"])
    for n, each in enumerate(state["headlines"]):
        yield Shown(f"headlines[{n}].text", 1.0, each["source"], each["ts"], each["age_ms"])
    for n, each in enumerate(state["calendar"]):
        yield Shown(f"calendar[{n}].text", 1.0, each["source"], each["time"], max(0, -each["in_ms"]))


def missing(state: dict[str, Any]) -> set[str]:
    """What of the table isn't there yet."""
    wanted = {f"metrics.{name}.value" for name in (*SERIES, *BY_FILE)}
    wanted |= {f"flows.{asset}" for asset in FUNDS} | {"holdings.BTC.Strategy.amount", "headlines[0].text"}
    wanted |= {"holdings.ETH.Strategy.amount", "calendar[0].text"}
    found = [each.path for each in shown(state)]
    return {path for path in wanted if not any(each == path or each.startswith(f"{path}.") for each in found)}
