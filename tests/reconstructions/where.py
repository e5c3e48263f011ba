"""The figures that docs/where.md leads to, and those that not every reconstruction knows."""

from __future__ import annotations

import re
from pathlib import Path

from deskmon.model.figure_path import parse
from deskmon.model.figures import State

PAGE = (Path(__file__).parents[2] / "docs" / "where.md").read_text(encoding="utf-8")
IN_NEITHER = {"holdings.BTC.Strategy.trade_amount"}
"""The sale of June."""
ONLY_IN_NOVEMBER = {
    "flows.BTC.funds.IBIT.share",
    "holdings.BTC.Strategy.amount",
    "holdings.BTC.Strategy.share",
    "holdings.BTC.Strategy.unrealised_usd",
}


def unknown_figures(state: State) -> set[str]:
    """Those that the page names in its tables and this state doesn't know."""
    return {path for path in re.findall(r"`([^`|]+)` \|$", PAGE, flags=re.M) if parse(path).of(state) is None}
