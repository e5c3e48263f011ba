"""`deskmon state` of a fresh live desk has every figure of the sources, each with its source, date and age."""

from __future__ import annotations

import asyncio
import json
import sys

from deskmon.clock import WallClock
from tests.context.desk import BY_FILE, configuration, missing, shown
from tests.context.server import as_of, served


async def test_state_of_a_fresh_desk_has_every_figure_with_source_date_and_age(tmp_path):
    now = WallClock().now()
    async with served() as sources:
        sources.answers = dict(as_of(now))
        file = configuration(tmp_path, sources)
        command = [sys.executable, "-m", "deskmon", "state", "--config", str(file)]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        told, _ = await process.communicate()
    state = json.loads(told)
    assert not missing(state)
    figures = {each.path: each for each in shown(state)}
    for path, each in figures.items():
        assert each.source, path
        assert each.age_ms >= 0 and each.of, path
    assert {path: figures[path].value for path in (f"metrics.{name}.value" for name in BY_FILE)} == {
        f"metrics.{name}.value": value for name, value in BY_FILE.items()
    }
    assert figures["flows.BTC.funds.IBIT.day_usd"].value == -5e8
    assert state["flows"]["BTC"]["aum_share"] == BY_FILE["etf_aum_btc"] / (0.57 * 2.92e12)
    assert figures["holdings.BTC.Strategy.amount"].value == 649_870
    assert state["feeds"]["context"]["detail"] == "15 of 15 sources"
