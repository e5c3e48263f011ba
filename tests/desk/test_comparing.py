"""Compare with another moment: the way there and back, the page of what moved, plots of what is under the cursor."""

import pytest

from deskmon import format as fmt
from deskmon.clock import HOUR, MINUTE
from deskmon.components.panel import Command, Frame, Then
from deskmon.config.schema import Cell, Config, Layout
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.desk import Desk
from deskmon.desk.left import LastScreen
from deskmon.desk.playing import NOW as BACK_TO_NOW
from deskmon.model.figure_path import parse
from deskmon.plugins import load_panel
from deskmon.transport.requests import Look
from tests.markets import reconstructed, simulated

EARLIER, LATER = 20, 100


def desk_of(market, panel="prices", mode="live", size=(160, 40)):
    """A desk on a market, and what it asks of the hub."""
    asked = []
    layout = Layout(cells=(Cell(panel=panel),))
    desk = Desk(Config(layouts={"default": layout}), market.model, load_panel=load_panel, ask=asked.append)
    desk.status.mode, desk.status.link, desk.status.live_now = mode, "live", market.now
    desk.resize(*size)
    desk.frame(market.now)
    return desk, asked


def press(desk, market, *keys):
    for key in keys:
        desk.press(key, market.now)
        desk.frame(market.now)
    return desk.canvas.text()


def look_back(desk, then):
    """What happens to a desk of a live hub that went to the moment of another market."""
    desk.status.target = then.now
    desk.frame(desk.status.now)
    now, desk.model = desk.model, then.model
    desk.status.target, desk.status.mode = None, "look_back"
    desk.frame(then.now)
    desk.status.mode, desk.model = "live", now


def test_two_keys_go_to_the_moment_take_its_figures_return_and_say_what_moved_most():
    then, now = simulated(EARLIER), simulated(LATER)
    desk, asked = desk_of(now)
    desk.left = then.now
    assert "1 since you left " in press(desk, now, "=").splitlines()[-1]
    press(desk, now, "1")
    assert asked == [Look(id=0, at=then.now)]
    look_back(desk, then)
    assert asked == [Look(id=0, at=then.now), BACK_TO_NOW]
    desk.frame(now.now)
    shown = desk.canvas.text()
    assert "› since you left" in shown and "simulated" in shown
    before, after = (f"{market.model.prices.price('BTC/USDT:USDT'):,.2f}" for market in (then, now))
    [line] = [line for line in shown.splitlines() if " BTC price " in line]
    assert line.index(before) < line.index("%") < line.index(after)


def compared(panel, *keys):
    then, now = simulated(EARLIER), simulated(LATER)
    desk, _ = desk_of(now, panel)
    desk.left = then.now
    press(desk, now, "=", "1")
    look_back(desk, then)
    desk.frame(now.now)
    return desk, now, press(desk, now, *keys)


@pytest.mark.parametrize(
    ("panel", "path"),
    [
        ("prices", "prices.BTC.last"), ("liquidations", "liquidations.windows.1h.usd"),
        ("funding", "funding.BTC.mean_8h"), ("open_interest", "open_interest.BTC.usd"),
        ("depth", 'depth.BTC.baseline_ratio."1"'), ("skew", "options.BTC.constant_maturity.7d.rr25"),
        ("dvol", "options.BTC.dvol"), ("flows", "flows.BTC.day_usd"), ("context", "metrics.fear_greed.value"),
    ],
)  # fmt: skip
def test_of_a_panel_its_own_figures_stand_then_and_now_by_their_paths(panel, path):
    desk, market, shown = compared(panel, "v")
    assert f"desk › {panel} › since you left" in shown and f"figures of {panel}" in shown and path in shown
    drill = desk.page.drill
    assert drill is not None and all(parse(each).is_number for each in drill.options["figures"])
    known = [each for each in drill.options["figures"] if parse(each).read(market.model, market.now) is not None]
    assert len(known) > len(drill.options["figures"]) / 3


def test_each_line_of_what_moved_leads_to_its_panel_and_is_plotted_by_one_key():
    desk, market, _ = compared("prices")
    rows = desk.page.hosts[0].panel.rows(Frame(market.model, market.now, 160, 400, then=desk.painter.then))
    seen = set()
    for row in rows:
        intent = desk.page.hosts[0].panel.open(row, None)
        panel = load_panel(intent.panel)
        assert panel is not None
        seen.add(intent.panel)
    assert seen >= {"symbol", "liquidations", "history", "depth", "dvol", "skew", "events", "metric"}
    press(desk, market, "P")
    assert desk.page.hosts[0].name == "plot"


def test_a_market_of_one_s_own_is_played_back_and_forth():
    then, now = simulated(EARLIER), simulated(LATER)
    desk, asked = desk_of(now, mode="demo")
    desk.status.controls = True
    desk.left = then.now
    press(desk, now, "=", "1")
    desk.frame(now.now + 250)
    assert asked == [Command("seek", then.now)]
    desk.model = then.model
    desk.frame(then.now)
    assert asked == [Command("seek", then.now), Command("seek", now.now)]


def test_a_market_that_begins_after_the_moment_is_compared_with_its_start():
    then, now = simulated(EARLIER), simulated(LATER)
    desk, asked = desk_of(now, mode="demo")
    desk.status.controls = True
    desk.left = then.now - 7 * HOUR
    press(desk, now, "=", "1")
    desk.model = then.model
    desk.frame(then.now)
    assert desk.painter.then.state.at == then.now and asked[-1] == Command("seek", now.now)
    assert desk.page.crumb == f"since {fmt.moment(then.now, now.now)}", "the moment that it is"


def test_a_hub_that_goes_nowhere_leaves_the_desk_as_it_was_and_a_wrong_time_is_said():
    now = simulated(LATER)
    desk, asked = desk_of(now)
    press(desk, now, "=", "1")
    desk.status.target = asked[0].at
    desk.frame(now.now)
    desk.status.target = None
    desk.frame(now.now)
    desk.frame(now.now)
    assert desk.painter.then is None and len(desk.pages) == 1 and len(asked) == 1
    for typed, said in (("x", "is not a time"), ("2100-01-01", "is still to come")):
        press(desk, now, "=", "a", "n", "o", "enter", *typed)
        assert said in press(desk, now, "enter")


def test_a_wave_of_today_and_the_moment_looked_at_are_offered():
    now = simulated(LATER)
    desk, asked = desk_of(now)
    wave = now.model.waves.figures(now.now)[-1]
    assert f"since wave {wave.id} began" in press(desk, now, "=")
    press(desk, now, "escape")
    desk.status.mode = "look_back"
    assert "this moment" in press(desk, now, "=")
    press(desk, now, *"this", "enter")
    assert not asked and desk.painter.then.state.at == now.now


def test_the_plot_draws_what_is_held_and_says_where_nothing_is():
    market = reconstructed("2025-11-21")
    desk, _ = desk_of(market, size=(120, 24))
    shown = press(desk, market, "P")
    assert "prices.BTC.last" in shown and "quote currency" in shown and "high " in shown and "±" in shown
    assert any("⠀" < char <= "⣿" for char in shown)
    desk, _ = desk_of(market, "feeds", size=(120, 24))
    assert "no figure here that could be plotted" in press(desk, market, "P")
    panel = load_panel("plot")(load_panel("plot").Options(figure="prices.BTC.high_24h"))
    [line, *_] = panel.draw(Frame(market.model, market.now, 80, 10))
    assert "no history of prices.BTC.high_24h" in line[0][0]


def test_when_a_trader_s_last_screen_ended_is_remembered_by_name_and_only_of_a_live_market(tmp_path):
    times = [None]
    ana, other = (LastScreen(name, lambda: times[0], tmp_path / "left") for name in ("ana", "ben"))
    ana.note()
    assert ana.read() is None and not (tmp_path / "left").exists()
    times[0] = 5 * HOUR
    ana.note()
    assert (ana.read(), other.read()) == (5 * HOUR, None)
    next((tmp_path / "left").iterdir()).write_text("no number")
    assert ana.read() is None


async def test_a_screen_that_keeps_no_files_remembers_nothing(tmp_path):
    class Guest:
        left = None
        config_writer = ConfigWriter(None, "a screen with --as keeps no files")

    await LastScreen("ana", lambda: MINUTE, tmp_path / "left").follow(Guest())
    assert not (tmp_path / "left").exists()


def test_then_is_told_apart_by_identity_so_that_a_frame_is_compared_fast():
    state = simulated(LATER).state
    assert Then(state, "x") != Then(state, "x")


def test_the_extremes_of_a_plot_are_those_of_all_that_is_held_and_of_what_is_drawn():
    market = reconstructed("2025-11-21")
    desk, _ = desk_of(market, panel="plot")
    words = desk.canvas.text()
    held = market.model.changes.history(parse("prices.BTC.last"), market.now, 7 * 24 * HOUR // 10)
    values = [value for _, value in held.points(market.now - 7 * 24 * HOUR, market.now, 5_000)]
    assert f"low {min(values):,.2f}" in words and f"high {max(values):,.2f}" in words


def test_what_is_unknown_by_now_and_assets_that_aren_t_liquidated_any_more_stand_there_too():
    market = simulated(LATER)
    then = Then(market.state, "since the cascade")
    panel = load_panel("since")()
    [*rows] = panel.rows(Frame(market.model, market.now + 3 * HOUR, 160, 400, then=then))
    shown = {row.key: row.cells for row in rows}
    funding = shown["funding.BTC.mean_8h"]
    assert funding["then"][0].endswith("%") and (funding["now"][0], funding["change"][0]) == (fmt.UNKNOWN, fmt.UNKNOWN)
    assets = [key for key in shown if ".by_symbol." in key]
    assert len(assets) >= 3 and not market.model.liquidations.figures(market.now + 3 * HOUR).windows["1h"].by_symbol
