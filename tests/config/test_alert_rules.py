"""Rules that a key proposed: written into deskmon.toml with all else left as it is."""

from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from deskmon.config.alert_rules import with_rule, write_rule
from deskmon.desk.config_writer import ConfigWriter
from deskmon.errors import DeskError

WHEN = "prices.BTC.last < 85000"
TEXT = """\
# my desk
[alerts.rules.deaf]   # bybit
when = "feeds.bybit.age_ms > 30s"

# keys
[keys]
desk.quit = "Q"
"""


@pytest.mark.parametrize("text", ["", "# nothing\n", "[desk]\nname = 'x'", "[alerts]\nsend = true # mine\n", TEXT])
def test_a_rule_is_added_at_the_end_and_every_other_line_stays(text):
    after, name = with_rule(text, WHEN)
    assert after.startswith(text.rstrip("\n")) and after.endswith(f'[alerts.rules.btc_below_85000]\nwhen = "{WHEN}"\n')
    assert name == "btc_below_85000"
    assert tomli.loads(after)["alerts"]["rules"][name] == {"when": WHEN}


def test_a_rule_that_says_the_same_is_not_written_again_and_another_gets_a_name_of_its_own():
    once, name = with_rule(TEXT, WHEN)
    assert with_rule(once, WHEN) == (once, name)
    twice, other = with_rule(once, "prices.BTC.last <= 85000")
    assert (name, other) == ("btc_below_85000", "btc_below_85000_2")
    assert len(tomli.loads(twice)["alerts"]["rules"]) == 3


@pytest.mark.parametrize(
    ("when", "name"),
    [
        ("options.BTC.constant_maturity.30d.rr25 < -4.5", "options_btc_30d_below_4"),
        ("funding.BTC.mean_8h > 0.000071", "funding_btc_mean_8h_abov"),
        ('prices."柴犬".last > 1', "above_1"),
        ("?", "rule"),
    ],
)
def test_a_rule_is_called_by_what_it_says(when, name):
    assert with_rule("", when)[1] == name


@pytest.mark.parametrize("text", ["alerts = 1\n", "alerts = {send = true}\n", "[alerts]\nrules = {}\n"])
def test_a_table_that_takes_no_rule_is_left_and_said_so(text):
    with pytest.raises(DeskError, match="alerts can't take a rule"):
        with_rule(text, WHEN)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_whatever_was_typed_is_read_back_as_it_was(when):
    after, name = with_rule(TEXT, when)
    assert tomli.loads(after)["alerts"]["rules"][name]["when"] == when


def test_the_desk_says_where_a_rule_was_written_or_why_not(tmp_path):
    path = tmp_path / "deskmon.toml"
    assert ConfigWriter(path).rule(WHEN).text == (
        f"rule btc_below_85000 in {path} · it counts on every desk that reads this file"
    )
    assert tomli.loads(path.read_text())["alerts"]["rules"]["btc_below_85000"] == {
        "when": WHEN, "clear": "prices.BTC.last > 85085",
    }  # fmt: skip
    assert write_rule(path, WHEN) == (path, "btc_below_85000")
    misspelt = ConfigWriter(path).rule("prices.BTC.lst < 85000")
    assert misspelt.style == "warn" and "last" in misspelt.text
    assert ConfigWriter(None).rule(WHEN).style == "warn"
    path.write_text("not [toml")
    assert "not valid TOML" in ConfigWriter(path).rule(WHEN).text
