"""The footer of a wide desk shows the figures that its operator chose, and nothing where it has no room."""

from __future__ import annotations

import pytest

from deskmon.clock import DAY
from deskmon.components.text import line_width
from deskmon.config.loading import load
from deskmon.config.schema import TICKER
from deskmon.desk.chrome import footer
from deskmon.desk.ticker import Ticker
from deskmon.events import EtfFlow, Metric
from deskmon.model import Model
from deskmon.model.figure_path import parse
from deskmon.testing import NOW
from tests.markets import sample

KEYS = [("q", "quit"), ("?", "help")]


def words(*paths, model=None, now=NOW):
    return ["".join(text for text, _ in item) for item in Ticker(paths).items(model or market(), now)]


def market():
    model = Model()
    model.apply([
        Metric(ts=NOW - DAY, name="us10y", value=4.12, unit="percent"), Metric(ts=NOW, name="us10y", value=4.13,
                                                                             unit="percent"),
        Metric(ts=NOW, name="fear_greed", value=11),
        EtfFlow(ts=NOW, asset="BTC", fund="IBIT", date="2024-01-02", usd=-434e6),
    ])  # fmt: skip
    return model


def test_a_series_has_its_name_value_and_change_a_flow_its_sign_and_what_is_unknown_is_left_out():
    assert words("metrics.fear_greed.value", "metrics.us10y.value", "metrics.dxy.value", "flows.BTC.day_usd") == [
        "Fear & Greed 11 extreme fear", "US 10-year 4.13 +1bp", "flows BTC day −434M"
    ]  # fmt: skip
    assert words("no.such.figure", "metrics.us10y.value", now=NOW + 30 * DAY) == ["US 10-year 4.13 30d"], (
        "stale: its age"
    )


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("prices.BTC.last", "BTC last "), ("prices.BTC.change_pct.24h", "BTC change pct 24h "),
        ("funding.BTC.mean_8h", "funding BTC mean 8h "), ("options.BTC.dvol", "options BTC dvol "),
        ("open_interest.BTC.usd", "open interest BTC usd "), ("mode", "mode "),
    ],
)  # fmt: skip
def test_any_figure_may_stand_there(path, wanted):
    (item,) = words(path, model=sample("full"))
    assert item.startswith(wanted) and len(item) > len(wanted)


def test_the_footer_shows_as_many_as_have_room_the_first_first_and_keys_and_place_always():
    items = [[(f"figure{n} {n}", "footer")] for n in range(5)]
    whole = footer(KEYS, 60, "layout x ", items)
    for width in range(20, 200, 7):
        line = footer(KEYS, width, "layout x ", items)
        text = "".join(text for text, _ in line)
        shown = [n for n in range(5) if f"figure{n} {n}" in text]
        assert shown == list(range(len(shown))) and line_width(line) == width
        assert text.endswith("layout x ") or width < 25
    assert "figure0 0" in "".join(text for text, _ in whole)
    assert "figure" not in "".join(text for text, _ in footer(KEYS, 36, "layout x ", items))


def test_the_default_figures_exist_and_check_names_one_that_does_not(tmp_path):
    assert all(parse(path).is_number for path in TICKER)
    (tmp_path / "deskmon.toml").write_text('[desk]\nticker = ["metrics.gold.value", "prices.BTC.lost"]\n')
    (warning,) = load(tmp_path / "deskmon.toml").warnings
    assert "desk.ticker[1]" in warning and "did you mean prices.BTC.last?" in warning
