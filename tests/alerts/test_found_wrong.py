"""`deskmon check` names what is wrong with a rule, and what could never fire; `deskmon alerts test` runs trials."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deskmon.alerts.engine import Engine
from deskmon.alerts.settings import MOST_RULES, AlertsConfig, RuleSettings
from deskmon.alerts.trial import START
from deskmon.cli.alert_trials import say_transition, sum_up
from deskmon.config.loading import examine, load
from deskmon.events import Alert, LegReading, Ticker
from deskmon.hub.alert_store import AlertStore
from deskmon.model import Model
from deskmon.testing import NOW

WRONG = [
    ('when = "prices.BTC.lst < 3"', "did you mean prices.BTC.last?"),
    ('when = "levels.BTC[85000].status = brokn"', "did you mean 'broken'?"),
    ('when = "prices.BTC.last == 3"', "did you mean '='?"),
    ('when = "prices.BTC.last > 30s"', "doesn't fit a figure in quote currency"),
    ('when = "prices.BTC > 3"', "is no single figure"),
    ('when = "prices.BTC.last < 1e400"', "is more than any figure"),
    ('when = "prices.BTC.last < 1e308M"', "is more than any figure"),
    ('when = "mode = live"\nexpires = "2020-01-01"', "has expired"),
    ('severity = "warn"', "a condition needs `when`, `all`, `any` or `not`"),
    ('when = "mode = live"\nfor = "soon"', "for is a length of time"),
    ('when = "mode = live"\nmutes = ["oter"]', "did you mean 'other'?"),
    ('when = "mode = live"\nmutes = ["r"]', "a rule can't mute itself"),
    ('when = "mode = live"\nevery = true', "others have no entries"),
    ('when = "mode = live"\ntext = "{prices.BTC.lst}"', "is no figure and stays as it is"),
    ('all = ["prices.BTC.last > 5", "prices.BTC.last < 3"]', "exclude each other"),
    ('all = ["mode = live", "mode in demo replay"]', "exclude each other"),
    ('when = "options.BTC.dvol_percentile > 100"', "lies between 0 and 100"),
    ('when = "feeds.bybit.age_ms < 0"', "is never below 0"),
]
RIGHT = [
    'when = "prices.BTC.last >= 5"\nclear = "prices.BTC.last < 5"',
    'all = ["prices.BTC.last > 3", "prices.BTC.last < 5"]',
    'any = ["prices.BTC.last > 5", "prices.BTC.last < 3"]',
    'when = "flows.BTC.day_usd < 0"\nevery = true',
    'each = "feed"\nwhen = "feeds.{feed}.age_ms > 30s"\ntext = "{rule}: {value}, {feeds.{feed}.detail}"',
]


@pytest.fixture
def problems(tmp_path: Path) -> Callable[[str], list[str]]:
    def of(rule: str) -> list[str]:
        path = tmp_path / "deskmon.toml"
        path.write_text(f"[alerts.rules.other]\nwhen = 'mode = demo'\n[alerts.rules.r]\n{rule}\n")
        return [str(problem) for problem in examine(path).problems]

    return of


@pytest.mark.parametrize(
    ("rules", "legs", "words"),
    [(MOST_RULES, 1, "301 rules and paths"), (20, 26, "520 comparisons are more than the 500"), (20, 24, "")],
)
def test_more_rules_or_comparisons_than_a_core_has_time_for_are_refused_in_words(
    tmp_path: Path, rules: int, legs: int, words: str
) -> None:
    path = tmp_path / "deskmon.toml"
    own = {f"r{n}": f"any = {[f'prices.BTC.last > {n}.{leg}' for leg in range(legs)]}" for n in range(rules)}
    packaged = dict.fromkeys(load(environ={}, cwd=tmp_path).config.alerts.rules, "enabled = false")
    tables = [f"[alerts.rules.{name}]\n{line}\n" for name, line in (packaged | own).items()]
    path.write_text("".join([*tables, "[scenarios.s.p]\nwhen = 'prices.BTC.last > 0.0'\n"]))
    found = [str(problem) for problem in examine(path).problems]
    assert len(found) == bool(words)
    assert all(words in problem and "alerts.rules" in problem for problem in found)


def test_rules_of_a_template_beyond_what_a_core_has_time_for_are_left_out_and_said_once(caplog: Any) -> None:
    model = Model()
    model.apply(Ticker(ts=START, venue="px", symbol=f"A{n}/USDT:USDT", last=1.0) for n in range(MOST_RULES + 7))
    rules = {"low": RuleSettings(each="asset", when="prices.{asset}.last < 1")}
    engine = Engine(AlertsConfig(rules=rules), {})
    for second in range(3):
        engine.judge(model, START + second * 1_000)
    assert len(engine.rules) == MOST_RULES
    assert [record.getMessage()[:26] for record in caplog.records] == ["7 rules are not judged: mo"]


@pytest.mark.parametrize(("rule", "words"), WRONG)
def test_what_is_wrong_with_a_rule_is_named_with_what_to_write(problems: Any, rule: str, words: str) -> None:
    [problem] = problems(rule)
    assert words in problem and "alerts.rules.r" in problem


@pytest.mark.parametrize("rule", RIGHT)
def test_a_rule_that_can_fire_is_no_problem(problems: Any, rule: str) -> None:
    assert problems(rule) == []


@pytest.mark.parametrize(
    ("target", "words"),
    [("90000-94000", []), ("100k", []), ("banana", ["banana"]), ("94000-90000", ["94000-90000"]), ("1e400", ["1e400"])],
)
def test_a_target_is_a_price_or_a_range(tmp_path: Path, target: str, words: list[str]) -> None:
    path = tmp_path / "deskmon.toml"
    path.write_text(f"[scenarios.s.bull]\nwhen = 'prices.BTC.last > 5'\ntarget = '{target}'\n")
    found = [str(problem) for problem in examine(path).problems]
    assert len(found) == len(words) and all(word in problem for word, problem in zip(words, found, strict=True))
    assert all("scenarios.s.bull" in problem and "90000-94000" in problem for problem in found)


TRIAL = """
[alerts.rules.high]
when = "prices.BTC.last > 90000"
[[tests]]
name = "a price"
series = { "prices.BTC.last" = "89000*3 91000" }
expect = [{ at = "5s", rule = "high", state = "%s" }]
"""


@pytest.mark.parametrize(("state", "status"), [("firing", 0), ("ok", 1)])
def test_a_trial_run_prints_its_transitions_and_fails_where_another_state_was_expected(
    run: Any, tmp_path: Path, state: str, status: int
) -> None:
    path = tmp_path / "trial.toml"
    path.write_text(TRIAL % state)
    done = run("alerts", "test", "--config", str(path), "--json")
    assert done.status == status
    [line] = [json.loads(line) for line in done.out.splitlines()]
    assert (line["rule"], line["state"], line["value"], line["ts"] % 60_000) == ("high", "firing", 91000.0, 3_000)


def test_a_trial_counts_what_still_fires_to_its_end_and_writes_values_as_the_panel_does(capsys: Any) -> None:
    leg = LegReading(text="funding.BTC.mean_8h < 5%", met=True, value=-2.21760253850619e-05)
    alert = Alert(ts=NOW, rule="paid", state="firing", since=NOW, legs=(leg,))
    say_transition(alert)
    sum_up([alert], NOW + 90_000)
    out = capsys.readouterr().out
    assert "funding.BTC.mean_8h < 5%  now −0.0022%\n" in out and "1.5 min and still" in out


def test_what_is_remembered_is_read_again_and_damage_costs_itself_alone(tmp_path: Path) -> None:
    store = AlertStore(tmp_path / "state" / "alerts.json")
    assert store.read() is None
    store.write({"rules": {}, "bases": {"past": {}, "sides": {}}})
    assert store.read() == {"rules": {}, "bases": {"past": {}, "sides": {}}}
    store.path.write_text("{")
    with pytest.raises(Exception, match="it is written anew"):
        store.read()
