"""One line declares what a trader may choose: key, option, footer, note, and what is kept."""

from __future__ import annotations

import msgspec
import pytest

from deskmon.api import Choice, Drill, Frame, Panel, Row, TablePanel, action
from deskmon.components.choices import Key
from deskmon.desk.host import PanelHost
from deskmon.model import Model

NOW = 1_767_614_400_000


def frame(symbol="BTC"):
    return Frame(Model(), NOW, 60, 10, symbol, True)


class Rates(TablePanel):
    name = "rates"
    title = "Rates"
    topics = frozenset({"prices"})
    unit = Choice(("8h", "apr"), key="u", help="Per 8 hours or a year")
    window = Choice(("1h", "24h", "7d"), default="24h", key="v", label="length", window=True, note=None)
    smallest = Choice((0.0, 1.0), key="m", note=lambda usd: f"from {usd:g}" if usd else "")

    class Options(TablePanel.Options, frozen=True):
        """asset: which."""

        asset: str = "BTC"

    def rows(self, frame):
        return [Row(self.unit, {})]

    @action("page", key="o", help="The page of the asset")
    def open_page(self, frame):
        return Drill("symbol", {"symbol": self.options.asset})


def test_keys_come_from_what_is_declared_in_its_order():
    assert Rates.keys == (
        Key("rates.unit", "u", "unit", "Per 8 hours or a year"),
        Key("rates.length", "v", "length", ""),
        Key("rates.smallest", "m", "smallest", ""),
        Key("rates.page", "o", "page", "The page of the asset"),
    )


def test_a_key_goes_through_the_values_and_what_is_chosen_is_kept():
    panel = Rates()
    assert (panel.unit, panel.window, panel.note(frame())) == ("8h", "24h", "8h")
    panel.on_action("rates.unit", frame())
    panel.on_action("rates.smallest", frame())
    assert panel.note(frame()) == "apr · from 1"
    again = Rates(panel.options_now())
    assert (again.unit, again.smallest, again.note(frame())) == ("apr", 1.0, "apr · from 1")
    assert PanelHost("rates", lambda: panel).options_now({}) == {"unit": "apr", "smallest": 1.0}
    panel.on_action("rates.unit", frame())
    assert panel.unit == "8h"


def test_the_desk_s_key_for_windows_and_left_and_right_go_through_the_window():
    panel = Rates()
    seen = [
        (panel.on_action(key, frame()), panel.window)[1] for key in ("window", "right", "left", "left", "rates.length")
    ]
    assert seen == ["7d", "1h", "7d", "24h", "7d"]
    assert "window" in panel.answers(frame())


def test_options_take_the_values_and_nothing_else():
    assert Rates(msgspec.convert({"unit": "apr", "asset": "ETH"}, Rates.Options)).unit == "apr"
    assert Rates(msgspec.convert({"smallest": 12.5}, Rates.Options)).smallest == 12.5
    for wrong in ({"unit": "week"}, {"window": "2h"}, {"unti": "apr"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Rates.Options)


def test_an_action_answers_its_key_and_a_subclass_may_answer_otherwise():
    class Other(Rates):
        name = "other"

        def open_page(self, frame):
            return Drill("venue", {"venue": "okx"})

    assert Rates().on_action("rates.page", frame()) == Drill("symbol", {"symbol": "BTC"})
    assert Other().on_action("other.page", frame()) == Drill("venue", {"venue": "okx"})
    assert [key.id for key in Other.keys] == ["other.unit", "other.length", "other.smallest", "other.page"]


def test_what_is_chosen_changes_the_table_in_the_same_frame():
    panel, seen = Rates(), frame()
    assert panel.selected(seen).key == "8h"
    panel.on_action("rates.unit", seen)
    assert panel.selected(seen).key == "apr"


class Automatic(Panel):
    name = "automatic"
    title = "Automatic"
    topics = frozenset()
    kind = Choice(("settled", "predicted"), default="", key="v", window=True)

    @kind.shown
    def shown(self, frame):
        return self.kind or "settled"

    @kind.offered
    def offered(self, frame):
        return () if frame.symbol == "ETH" else Automatic.kind.values

    def draw(self, frame):
        return []


def test_the_panel_chooses_until_a_key_does_and_may_offer_nothing():
    panel = Automatic()
    assert (panel.kind, panel.note(frame()), panel.answers(frame())) == ("", "settled", ("window",))
    panel.on_action("automatic.kind", frame("ETH"))
    assert (panel.kind, panel.answers(frame("ETH"))) == ("", ())
    panel.on_action("automatic.kind", frame())
    assert panel.kind == panel.note(frame()) == "predicted"
    assert Automatic(panel.options_now()).kind == "predicted"
