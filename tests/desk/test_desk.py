"""Keys, pages and painting, stepped by hand."""

import pytest

from deskmon.components.panel import Drill, Pin
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.pages import MOST_PAGES
from deskmon.events import FeedStatus, Pulse
from tests.desk.stubs import Plain, desk_of, move

NOW = 1_767_614_400_000


def text(desk, now: int = NOW) -> str:
    desk.frame(now)
    return desk.canvas.text()


def test_numbers_and_tab_move_the_focus_and_a_resize_keeps_it():
    desk = desk_of(Plain, Plain, Plain)
    desk.press("3", NOW)
    assert desk.page.focus == 2
    desk.press("tab", NOW)
    assert desk.page.focus == 0
    desk.press("shift+tab", NOW)
    assert desk.page.focus == 2
    desk.resize(60, 20)
    assert "3 plain" in text(desk)
    assert desk.page.focus == 2


def test_enter_drills_escape_returns_and_the_breadcrumb_tells_the_path():
    desk = desk_of(Plain, Plain)
    desk.frame(NOW)
    desk.press("enter", NOW)
    assert "desk › p0 › deeper" in text(desk)
    desk.press("enter", NOW)
    assert "desk › p0 › deeper › deeper" in text(desk)
    desk.press("escape", NOW)
    desk.press("escape", NOW)
    desk.press("escape", NOW)
    assert "1 plain" in text(desk)


def test_zoom_shows_the_focused_panel_alone():
    desk = desk_of(Plain, Plain)
    desk.press("2", NOW)
    desk.press("z", NOW)
    assert "1 plain" not in text(desk)
    assert "panel 2 of 2" in text(desk)
    desk.press("z", NOW)
    assert "1 plain" in text(desk)


def test_the_filter_is_typed_in_the_footer_and_reaches_the_panel_letter_by_letter():
    desk = desk_of(Plain)
    desk.frame(NOW)
    for key in ["/", "q", "1", "backspace", "enter"]:
        desk.press(key, NOW)
    actions = desk.page.hosts[0].panel.actions
    assert actions == ["filter:q", "filter:q1", "filter:q", "filter:q"]
    assert desk.mode is None
    desk.press("/", NOW)
    desk.press("escape", NOW)
    assert actions[-1] == "filter:"


def test_movements_and_own_keys_reach_the_focused_panel_also_when_moved():
    desk = desk_of(Plain, keys={"plain.extra": "X", "desk.up": "u"})
    desk.frame(NOW)
    for key in ["j", "k", "u", "x", "X", "G", "w", "s"]:
        desk.press(key, NOW)
    assert desk.page.hosts[0].panel.actions == ["down", "up", "up", "plain.extra", "bottom", "window", "sort"]


def test_freeze_holds_the_picture_while_the_model_goes_on():
    class Priced(Plain):
        def draw(self, frame):
            return [[(f"last {frame.model.prices.price('BTC/USDT:USDT')}", "text")]]

    desk = desk_of(Priced)
    move(desk, 100.0)
    assert "last 100.0" in text(desk)
    desk.press("space", NOW)
    move(desk, 200.0)
    assert "FROZEN" in text(desk, NOW + 60_000)
    assert "last 100.0" in text(desk, NOW + 60_000)
    desk.press("space", NOW)
    assert "last 200.0" in text(desk, NOW + 61_000)


def test_a_market_that_another_hub_plays_is_frozen_not_paused():
    desk = desk_of(Plain)
    desk.status.mode, desk.status.source = "demo", "simulated"
    assert desk.press("space", NOW) is None
    assert "DEMO SIMULATED   FROZEN 0s" in text(desk)
    assert desk.press(".", NOW) is None and "only in a replay" in text(desk)
    assert desk.press("space", NOW) is None
    assert "FROZEN" not in text(desk)


def test_what_the_desk_does_stands_beside_what_the_market_is():
    """A frozen picture, a layout that is edited and a lost hub hide neither DEMO nor RECONSTRUCTED nor each other."""
    desk = desk_of(Plain)
    desk.status.mode, desk.status.source = "replay", "reconstructed"
    desk.press("space", NOW)
    desk.press("e", NOW)
    desk.status.link, desk.status.link_detail = "lost", "gone"
    shown = text(desk)
    for words in ("REPLAY RECONSTRUCTED", "FROZEN", "EDITING", "HUB LOST"):
        assert words in shown


def test_a_seek_is_said_and_shows_no_half_folded_figures():
    class Priced(Plain):
        def draw(self, frame):
            return [[(f"last {frame.model.prices.price('BTC/USDT:USDT')}", "text")]]

    desk = desk_of(Priced)
    desk.status.mode, desk.status.source, desk.status.controls = "demo", "simulated", True
    move(desk, 100.0)
    assert "last 100.0" in text(desk)
    desk.market_complete, desk.status.seeking = False, True
    move(desk, 200.0)
    desk.press("w", NOW)
    assert "DEMO SIMULATED SEEKING" in text(desk, NOW + 1_000)
    assert "12:00:00Z" in text(desk, NOW + 60_000), "the clock is that of the picture"
    assert "last 100.0" in text(desk, NOW + 2_000), "the picture stays that of the moment before"
    desk.market_complete, desk.status.seeking = True, False
    assert "last 200.0" in text(desk, NOW + 3_000) and "SEEKING" not in text(desk, NOW + 3_000)


def heard(desk, *states) -> None:
    """Feeds in these (state, detail)."""
    for number, (state, detail) in enumerate(states):
        desk.model.apply([FeedStatus(ts=NOW, feed=f"feed {number}", state=state, detail=detail)])


NO_ROUTE = ("reconnecting", "no address of the venue is found")


@pytest.mark.parametrize(
    ("states", "place"),
    [
        ([("connecting", ""), ("connecting", "")], "◌ connecting"),
        ([("live", ""), ("live", "")], "● LIVE"),
        ([("live", ""), NO_ROUTE, ("stale", "nothing arrives")], "◐ 1 of 3 LIVE"),
        ([NO_ROUTE, ("down", "the venue refuses"), NO_ROUTE, ("connecting", "")], "NO FEED"),
    ],
)
def test_live_is_said_while_something_is(states, place):
    desk = desk_of(Plain)
    desk.status.mode = "live"
    heard(desk, *states)
    shown = text(desk)
    assert place in shown
    assert ("LIVE" in shown) == ("LIVE" in place)


def test_without_a_live_feed_the_commonest_reason_is_the_headline():
    desk = desk_of(Plain)
    desk.status.mode = "live"
    heard(desk, NO_ROUTE, ("down", "the venue refuses"), NO_ROUTE)
    assert "no address of the venue is found · 2 of 3 feeds" in text(desk)


def test_a_part_of_the_hub_that_works_is_no_live_feed():
    desk = desk_of(Plain)
    desk.status.mode = "live"
    heard(desk, NO_ROUTE)
    desk.model.apply([FeedStatus(ts=NOW, feed="journal", state="live", detail="writes", service=True)])
    assert "NO FEED" in text(desk) and "0/1" in text(desk)


@pytest.mark.parametrize(
    ("late_ms", "late_by", "said"),
    [
        (None, "", ""), (120.0, "acme", ""), (499.0, "acme", ""), (500.0, "acme", "hub 0.5 s late: acme blocks"),
        (5_012.0, "acme", "hub 5.0 s late: acme blocks"), (800.0, "", "hub 0.8 s late"),
    ],
)  # fmt: skip
def test_a_hub_that_was_late_is_said_in_the_header_with_the_feed_that_blocked_it(late_ms, late_by, said):
    desk = desk_of(Plain)
    desk.status.beat(Pulse(ts=NOW, seq=1, mode="live", late_ms=late_ms, late_by=late_by))
    header = text(desk)
    assert said in header
    assert ("blocks" in header, "late" in header) == ("blocks" in said, bool(said))
    desk.status.beat(Pulse(ts=NOW, seq=2, mode="replay", late_ms=late_ms))
    assert "late" not in text(desk)


def test_a_lost_hub_is_said_in_the_header_and_what_is_kept_is_greyed():
    desk = desk_of(Plain)
    desk.frame(NOW)
    desk.status.link, desk.status.link_detail = "lost", "hub ended (killed); restart in 1 s"
    assert "HUB LOST" in text(desk)
    assert "restart in 1 s" in text(desk)
    assert any("stale" in style for _, style in desk.canvas.row(2))
    desk.status.link = "live"
    assert "HUB LOST" not in text(desk)
    assert not any("stale" in style for _, style in desk.canvas.row(2))


def test_what_a_live_desk_knows_from_before_is_greyed_until_a_feed_is_live():
    desk = desk_of(Plain)

    def greyed(state, seconds):
        desk.model.apply([FeedStatus(ts=NOW + seconds * 1_000, feed="bybit", state=state, detail="")])
        desk.status.beat(Pulse(ts=NOW, seq=seconds, mode="live"))
        text(desk, NOW + seconds * 1_000)
        text(desk, NOW + seconds * 1_000)
        return any("stale" in style for _, style in desk.canvas.row(2))

    assert greyed("connecting", 1)
    assert not greyed("live", 3)


def test_help_lists_definitions_and_keys():
    desk = desk_of(Plain, size=(100, 80))
    desk.press("?", NOW)
    shown = text(desk)
    assert "3.1K/s" in shown and "kibibytes (1,024 bytes) a second sent to this terminal" in shown
    assert "how often this panel drew" in shown
    assert "Does something extra" in shown
    assert "Leave the desk" in shown


def test_layouts_switch_by_number_or_name_and_remember_their_panels():
    desk = desk_of(Plain)
    desk.frame(NOW)
    desk.press("j", NOW)
    desk.press("l", NOW)
    assert "1 default" in text(desk) and "2 other" in text(desk)
    desk.press("2", NOW)
    assert "layout other" in text(desk) and "draws    1" in text(desk)
    desk.press("l", NOW)
    desk.press("l", NOW)
    assert "layout default" in text(desk) and "down" in text(desk)
    for key in ("l", "o", "t", "enter"):
        desk.press(key, NOW)
    assert "layout other" in text(desk)
    for key in ("l", "9", "1", "l", "left", "escape"):
        desk.press(key, NOW)
    assert "layout default" in text(desk) and desk.mode is None


def test_every_size_is_painted_without_error():
    desk = desk_of(Plain, Plain, Plain)
    for width, height in [(1, 1), (2, 2), (5, 3), (20, 4), (80, 24), (300, 80)]:
        desk.resize(width, height)
        rows = text(desk).splitlines()
        assert len(rows) <= height
        assert all(len(row) <= width for row in rows)


def test_quit_and_palette_are_the_apps_business():
    desk = desk_of(Plain)
    assert desk.press("q", NOW) == "quit"
    assert desk.press(":", NOW) == "palette"
    assert desk.press("t", NOW) == "theme"
    assert desk.press("F13", NOW) is None


def test_panels_from_the_tenth_on_have_a_key():
    desk = desk_of(*[Plain] * 10)
    desk.press("0", NOW)
    assert (desk.page.focus, desk.mode) == (9, None)
    desk = desk_of(*[Plain] * 12)
    desk.press("0", NOW)
    desk.press("3", NOW)
    assert (desk.page.focus, desk.mode) == (11, None)
    desk = desk_of(Plain)
    desk.press("0", NOW)
    assert "has a digit" in text(desk)


def test_one_key_leaves_a_chain_of_pages():
    desk = desk_of(Plain)
    for depth in range(5):
        desk.open(Drill("p0", {"depth": depth}), NOW)
    assert len(desk.pages) == 6
    desk.press("ctrl+home", NOW)
    assert len(desk.pages) == 1


def test_pages_that_lead_into_each_other_go_back_instead_of_on():
    desk = desk_of(Plain)
    for depth in (1, 2, 1, 2, 3):
        desk.open(Drill("p0", {"depth": depth}, f"page {depth}"), NOW)
    assert "desk › p0 › page 1 › page 2 › page 3" in text(desk)
    desk.open(Drill("p0", {"depth": 1}, "by another way"), NOW)
    assert "desk › p0 › page 1 " in text(desk)
    assert len(desk.pages) == 2


def test_a_chain_of_pages_has_an_end_and_its_breadcrumb_keeps_the_newest():
    desk = desk_of(Plain, size=(80, 24))
    for depth in range(100):
        desk.open(Drill("p0", {"depth": depth}, f"page {depth}"), NOW)
    assert len(desk.pages) == 1 + MOST_PAGES
    assert "desk › … › page 9" in text(desk) and "page 98 › page 99 ─" in text(desk)
    for _ in range(MOST_PAGES):
        desk.press("escape", NOW)
    assert desk.pages[0].crumb == "default" and len(desk.pages) == 1


@pytest.mark.parametrize(
    ("typed", "pinned"),
    [
        ("85,000", (85_000.0, "")),
        ("85k lost on Friday", (85_000.0, "lost on Friday")),
        ("0.5", (0.5, "")),
        ("lost 85k", (90_000.0, "lost 85k")),
        ("2nd test", (90_000.0, "2nd test")),
        ("", (90_000.0, "")),
    ],
)
def test_a_price_can_be_typed_for_a_pin(typed, pinned):
    pins = []
    desk = desk_of(Plain, on_pin=pins.append)
    desk.open(Pin("BTC", 90_000.0), NOW)
    for key in typed:
        desk.press("space" if key == " " else key, NOW)
    desk.press("enter", NOW)
    [pin] = pins
    assert (pin.symbol, pin.price, pin.label or "") == ("BTC", *pinned)


@pytest.mark.parametrize("typed", ["0", "-3", "-85k"])
def test_what_is_no_price_is_not_pinned(typed):
    pins = []
    desk = desk_of(Plain, on_pin=pins.append)
    desk.open(Pin("BTC", 90_000.0), NOW)
    for key in (*typed, "enter"):
        desk.press(key, NOW)
    assert not pins and "no price above 0" in text(desk)


def test_a_key_that_does_nothing_says_so():
    desk = desk_of(Plain)
    desk.press("r", NOW)
    assert "nothing to restart" in text(desk)


def test_a_kiosk_s_footer_offers_no_key_that_is_refused():
    desk = desk_of(Plain)
    assert {"e edit", "q quit"} <= {*text(desk).splitlines()[-1].strip().split("  ")}
    desk = desk_of(Plain)
    desk.config_writer = ConfigWriter(None, "this is a kiosk", kiosk=True)
    assert not {"e edit", "q quit"} & {*text(desk).splitlines()[-1].strip().split("  ")}
    desk = desk_of(Plain)
    desk.config_writer = ConfigWriter(None, "a screen with --as keeps no files")
    assert {"e edit", "q quit"} & {*text(desk).splitlines()[-1].strip().split("  ")} == {"q quit"}


@pytest.mark.parametrize(("private", "header", "panel"), [
    (True, "◌ loading", "loading the market"), (False, "◌ connecting", "waiting for the hub"),
])  # fmt: skip
def test_before_there_is_a_market_no_panel_speaks_of_one(private, header, panel):
    """Nobody knows yet whether a feed listens; a desk of one's own loads its market."""

    class Quiet(Plain):
        def draw(self, frame):
            return [[("no feed listening", "muted")]]

    desk = desk_of(Quiet, Quiet)
    desk.market_complete, desk.status.controls = False, private
    for size in ((120, 36), (80, 24)):
        desk.resize(*size)
        shown = text(desk)
        assert header in shown and panel in shown and "no feed listening" not in shown
    desk.market_complete = True
    assert text(desk).count("no feed listening") == len(desk.painter.placed)


def test_the_speed_that_a_key_sets_while_paused_is_shown():
    desk = desk_of(Plain)
    desk.status.mode, desk.status.source, desk.status.paused, desk.status.speed = "demo", "simulated", True, 4.0
    assert "DEMO SIMULATED PAUSED ×4" in text(desk)


def test_esc_ends_a_filter_before_it_leaves_a_page():
    class Filtered(Plain):
        @property
        def filtered(self):
            return self.actions[-1:] not in ([], ["filter:"])

    desk = desk_of(Filtered)
    desk.frame(NOW)
    desk.open(Drill("p0"), NOW)
    desk.frame(NOW)
    for key in ("/", "s", "enter"):
        desk.press(key, NOW)
    desk.press("escape", NOW)
    assert len(desk.pages) == 2 and desk.page.focused.panel.actions[-1] == "filter:"
    desk.press("escape", NOW)
    assert len(desk.pages) == 1
