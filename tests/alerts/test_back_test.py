"""The shipped rules on the shipped markets: they call for what the reports tell, and are quiet in a calm."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from itertools import takewhile

import pytest

from deskmon.alerts.engine import Engine
from deskmon.alerts.telling import News
from deskmon.alerts.watch import Watch
from deskmon.cli.session import load_config
from deskmon.cli.timeline_model import back_test
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.config.schema import Config
from deskmon.feeds.demo.reconstructions import reconstruct
from deskmon.model import Model
from tests.length import WHOLE


def shipped(demo: str) -> Config:
    """The packaged configuration on an embedded market, with what that brings."""
    args = Namespace(config=None, sets=[], theme=None)
    return load_config(args, {"demo": {"type": "demo", "name": demo}})


def fired(news: list[News]) -> Counter[str]:
    """How often each rule fired."""
    up: set[str] = set()
    found: Counter[str] = Counter()
    for each in news:
        alert = each.alert
        if alert.state == "firing" and alert.rule not in up:
            found[alert.rule] += 1
        if alert.state in ("firing", "ok"):
            (up.add if alert.state == "firing" else up.discard)(alert.rule)
    return found


def test_the_break_of_a_level_calls_for_wave_level_and_volatility(elsewhere: object) -> None:
    config, timeline = shipped("2025-11-21"), reconstruct("2025-11-21")
    end = timeline.start + 14 * HOUR + 10 * MINUTE
    model = Model(levels=config.levels)
    watch = Watch(Engine(config.alerts, config.scenarios), lambda: model, live=False)
    watch.start = end - 35 * MINUTE
    events = takewhile(lambda event: event.arrival <= end, timeline.events())
    news = [each for _, said in watch.fold([timeline.header, *events]) for each in said]
    assert fired([*news, *watch.advance(end)]) >= Counter({"wave": 1, "break85": 1, "dvol_btc": 1})
    assert set(model.figures("scenarios", end)["break85"]) == {"base", "bear", "bull"}


whole = pytest.mark.skipif(not WHOLE, reason="folds whole days: DESKMON_LONG=1 runs it")


@whole
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("demo", "least"),
    [
        ("2025-11-21", {"wave": 6, "break85": 1, "dvol_btc": 1}),
        ("2026-02-06", {"wave": 5, "lost73": 1, "lost65": 1, "test60": 1, "dvol_btc": 1}),
    ],
)
def test_a_whole_day_calls_for_its_waves_levels_and_volatility(
    elsewhere: object, demo: str, least: dict[str, int]
) -> None:
    assert fired(list(back_test(shipped(demo), None).news)) >= Counter(least)


@whole
@pytest.mark.timeout(900)
def test_a_calm_day_hardly_calls(elsewhere: object) -> None:
    news = [each for each in back_test(shipped("calm"), f"+{DAY // HOUR}h").news if each.is_transition]
    assert len([each for each in news if each.alert.state in ("firing", "ok", "unknown")]) <= 2
