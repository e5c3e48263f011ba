"""Rules on hand-made series: the table of docs/alert-states.md, and what a table can't hold."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from deskmon.alerts.engine import Engine
from deskmon.alerts.reading import Read, Reading
from deskmon.alerts.settings import AlertsConfig, AlertTest, RuleSettings
from deskmon.alerts.telling import News
from deskmon.alerts.trial import START, reading, run, series
from deskmon.config.loading import examine
from deskmon.config.schema import Config
from deskmon.config.toml import parse as toml
from deskmon.events import Ticker
from deskmon.model import Model
from deskmon.model.figure_path import FigurePath, parse

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "alerts.md").read_text(encoding="utf-8")
STATES = (DOCS / "alert-states.md").read_text(encoding="utf-8")
PRICE = "prices.BTC.last"
LETTERS = {"ok": ".", "pending": "p", "firing": "F", "clearing": "c", "unknown": "?"}


def rule(words: str) -> dict[str, object]:
    """`< 85`, for 2s` of the table as a rule on the price."""
    first, *others = (part.strip() for part in words.replace("`", "").split(","))
    settings: dict[str, object] = {"when": f"{PRICE} {first}", "unknown_after": "never"}
    for other in others:
        key, _, value = other.partition(" ")
        settings[key] = True if key == "once" else f"{PRICE} {value}" if key == "clear" else value
    return settings


def engine(**rules: dict[str, object]) -> Engine:
    return Engine(AlertsConfig(rules=msgspec.convert(rules, dict[str, RuleSettings])), {})


def prices(text: str) -> Read:
    return reading({PRICE: series(parse(PRICE), text)}, 1_000)


def judged(one: Engine, read: Read, first: int, last: int) -> list[News]:
    """What is said at the seconds from `first` to `last`."""
    return [news for second in range(first, last + 1) for news in one.judge(Model(), START + second * 1_000, read=read)]


def transitions(news: list[News]) -> list[tuple[int, str, str]]:
    return [
        ((each.alert.ts - START) // 1_000, each.alert.rule, each.alert.state) for each in news if each.is_transition
    ]


ROWS = re.findall(r"^\| (`[^|]+) \| `([\d._ ]+)` \| `([.pFc? ]+)` \|$", STATES, re.MULTILINE)


@pytest.mark.parametrize(("words", "values", "states"), ROWS)
def test_the_table_of_the_page(words: str, values: str, states: str) -> None:
    one, read, seen, told = engine(r=rule(words)), prices(values), [], "?"
    for second in range(len(values.split())):
        for news in judged(one, read, second, second):
            told = LETTERS[news.alert.state]
        seen.append(told)
    assert " ".join(seen) == states


def test_the_page_has_its_table() -> None:
    assert len(ROWS) >= 16


def test_what_nobody_could_ever_tell_is_unknown_at_once_and_said_after_a_while() -> None:
    news = judged(engine(r={"when": f"{PRICE} < 85", "unknown_after": "5m"}), prices("_"), 0, 310)
    assert [(each.alert.state, each.is_transition) for each in news] == [("unknown", False), ("unknown", True)]
    assert transitions(news) == [(300, "r", "unknown")]


VALUES = {
    "cascade": {"liquidations.windows.5m.long_usd": "1M 25M*20"},
    "lost85": {PRICE: "86000 84000*400"},
    "level85": {"levels.BTC[85000].status": "testing broken"},
    "fear": {"options.BTC.constant_maturity.30d.rr25": "0", "options.BTC.dvol_percentile": "90 96"},
    "deaf": {"feeds.bybit.age_ms": "1s 31s"},
    "outflow": {"flows.BTC.day_usd": "-100M -400M -500M", "flows.BTC.date": "2025-11-20"},
    "crowded": {"funding.BTC.mean_8h": "0.01% 0.04%", "funding.ETH.mean_8h": "0.04%"},
    "fast[BTC]": {PRICE: "90000*1000 86000"},
    "thin": {"depth.BTC.baseline_ratio.1": "0.8 0.4"},
    "target": {PRICE: "99000 100500"},
}
"""By recipe, values on which it fires: none does on the first."""


def test_the_recipes_of_the_page_have_no_problems(tmp_path: Path) -> None:
    path = tmp_path / "deskmon.toml"
    path.write_text(next(block for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if "lost85" in block))
    assert not examine(path).problems


@pytest.mark.parametrize("name", VALUES)
def test_each_recipe_of_the_page_fires_in_a_trial_run(name: str) -> None:
    blocks = [toml(block) for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
    rules = next(block["alerts"]["rules"] for block in blocks if "lost85" in block.get("alerts", {}).get("rules", ()))
    assert list(rules) == [each.partition("[")[0] for each in VALUES]
    recipe = name.partition("[")[0]
    one, model = engine(**{recipe: {**rules[recipe], "mutes": []}}), Model()
    model.apply([Ticker(ts=START, venue="bybit", symbol="BTC/USDT:USDT", last=1.0)])
    read = reading({path: series(parse(path), values) for path, values in VALUES[name].items()}, 1_000)
    states = [
        (second, news.alert.state)
        for second in range(3_700)
        for news in one.judge(model, START + second * 1_000, read=read)
        if news.is_transition
    ]
    assert "firing" in [state for _, state in states] and min(second for second, _ in states) > 0


def test_the_trial_run_of_the_page_passes_and_a_wrong_one_fails() -> None:
    blocks = [toml(block) for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
    rules = msgspec.convert(blocks[0]["alerts"], AlertsConfig)
    [test] = msgspec.convert(next(block["tests"] for block in blocks if "tests" in block), list[AlertTest])
    assert transitions(run(test, rules, {})) == [
        (5, "cascade", "pending"), (15, "cascade", "firing"), (25, "cascade", "clearing"), (30, "cascade", "ok"),
    ]  # fmt: skip
    late = msgspec.structs.replace(test, series={"liquidations.windows.5m.long_usd": "1M*40"})
    with pytest.raises(Exception, match="at 10s cascade is ok, expected pending"):
        run(late, rules, {})


@pytest.mark.parametrize("at", range(12))
def test_a_restart_in_any_state_changes_nothing_and_says_nothing_twice(at: int) -> None:
    settings = {"when": f"{PRICE} < 85", "clear": f"{PRICE} > 86", "for": "2s", "keep": "1s", "unknown_after": "2s"}
    read = prices("90 84 84 84 84 85.5 87 87 _ _ _ _ 90")
    whole = transitions(judged(engine(r=settings), read, 0, 12))
    before, after = engine(r=settings), engine(r=settings)
    said = transitions(judged(before, read, 0, at))
    saved = msgspec.json.decode(msgspec.json.encode(before.saved()))
    after.restore(saved)
    said += transitions(judged(after, read, at, at))  # the second at which it was killed is judged again
    said += transitions(judged(after, read, at + 1, 12))
    assert said == whole


def test_each_comparison_has_a_since_of_its_own_over_restarts_and_what_nobody_can_tell() -> None:
    rules, low = {"r": {"any": [f"{PRICE} < 85", f"{PRICE} > 95"], "unknown_after": "never"}}, []
    one, read = engine(**rules), prices("90 84 84 _ 84 90*10 84*10")
    for second in range(20):
        if second in (3, 4, 9):
            saved = msgspec.json.decode(msgspec.json.encode(one.saved()))
            one = engine(**rules)
            one.restore(saved)
        for news in judged(one, read, second, second):
            legs = [(leg.met, (leg.since - START) // 1_000) for leg in news.alert.legs]
            low.append((second, *legs))
    assert low[0] == (0, (False, 0), (False, 0))
    assert [seen for seen in low if seen[0] in (1, 3, 4)] == [
        (1, (True, 1), (False, 0)), (3, (None, 3), (None, 3)), (4, (True, 1), (False, 0)),
    ]  # fmt: skip
    assert low[-1] == (15, (True, 15), (False, 0))


def test_down_time_counts_for_no_clock() -> None:
    one, read = engine(r={"when": f"{PRICE} < 85", "for": "10s"}), prices("84")
    judged(one, read, 0, 8)
    one.rest()
    assert transitions(judged(one, read, 3_600, 3_601)) == []
    assert transitions(judged(one, read, 3_602, 3_602)) == [(3_602, "r", "firing")]


def test_a_clock_that_goes_back_counts_nothing() -> None:
    one, read = engine(r={"when": f"{PRICE} < 85", "for": "3s"}), prices("84")
    judged(one, read, 10, 12)
    assert transitions(judged(one, read, 5, 5)) == []
    assert transitions(judged(one, read, 6, 6)) == [(6, "r", "firing")]


def test_a_reload_that_changes_one_rule_leaves_the_others_as_they_are() -> None:
    low = {"when": f"{PRICE} < 85", "for": "4s"}
    one, read = engine(a=low, b=low), prices("84")
    judged(one, read, 0, 2)
    changed = AlertsConfig(rules=msgspec.convert({"a": low, "b": {**low, "for": "5s"}}, dict[str, RuleSettings]))
    one.take(changed, {})
    assert transitions(judged(one, read, 3, 9)) == [(3, "b", "pending"), (4, "a", "firing"), (8, "b", "firing")]


def test_a_rule_that_fires_mutes_others_until_it_is_over() -> None:
    one = engine(a={"when": f"{PRICE} < 80", "mutes": ["b"]}, b={"when": f"{PRICE} < 85"})
    news = judged(one, prices("90 84 79 84"), 0, 3)
    marks = [
        ((each.alert.ts - START) // 1_000, each.alert.mark, each.alert.by) for each in news if each.alert.rule == "b"
    ]
    assert marks == [(0, None, None), (1, None, None), (2, "muted", "a"), (3, None, None)]


def test_an_acknowledgement_lasts_until_it_is_over_and_a_snooze_until_its_time() -> None:
    one, read = engine(r={"when": f"{PRICE} < 85"}), prices("84 84 84 90 84 84")
    judged(one, read, 0, 0)
    [news] = one.acknowledge("r", "ann", START)
    assert (news.alert.mark, news.alert.by, news.is_transition) == ("acknowledged", "ann", False)
    assert [each.alert.mark for each in judged(one, read, 1, 4)] == [None, None]
    [news] = one.snooze("r", "bob", START + 5_000, START + 4_000)
    assert (news.alert.mark, news.alert.until) == ("snoozed", START + 5_000)
    assert [each.alert.mark for each in judged(one, read, 5, 5)] == [None]
    assert one.acknowledge("nothing", "ann", START) == []


def test_a_rule_expires_at_its_moment_even_while_it_fires() -> None:
    one = engine(r={"when": f"{PRICE} < 85", "expires": "2000-01-01T00:00:02Z"})
    news = judged(one, prices("84"), 0, 5)
    assert [(each.alert.state, each.alert.mark) for each in news] == [("firing", None), ("ok", "expired")]


def test_every_entry_calls_anew() -> None:
    figure = "flows.BTC.day_usd"
    one = engine(r={"when": f"{figure} < -300M", "every": True, "text": "{value} at {" + figure + "}"})
    read = reading({figure: series(parse(figure), "-400M*3 -500M*2 100M")}, 1_000)
    news = [each for each in judged(one, read, 0, 6) if each.is_transition]
    assert transitions(news) == [(0, "r", "firing"), (3, "r", "firing"), (5, "r", "ok")]
    assert [each.alert.text for each in news[:2]] == ["−400M at −400M", "−500M at −500M"]


def test_a_sum_that_may_be_more_decides_what_it_can() -> None:
    def read(path: FigurePath, now: int) -> Reading:
        return Reading(10e6, at_least=True)

    figure = "liquidations.windows.5m.usd"
    legs = {"above": "> 5M", "below": "< 5M", "more": "> 20M", "less": "< 20M", "is": "= 10M"}
    one = engine(**{name: {"when": f"{figure} {leg}", "unknown_after": "never"} for name, leg in legs.items()})
    states = {each.alert.rule: each.alert.state for each in judged(one, read, 0, 0)}
    assert states == {"above": "firing", "below": "ok", "more": "unknown", "less": "unknown", "is": "unknown"}


def test_a_firing_rule_tells_its_text_anew_once_a_minute_and_calls_nobody_for_it() -> None:
    figure = "liquidations.windows.5m.usd"
    one = engine(r={"when": f"{PRICE} < 85", "text": "{" + figure + "} so far"})
    values = {PRICE: series(parse(PRICE), "84"), figure: series(parse(figure), "1M..200M*200 200M*100")}
    news = judged(one, reading(values, 1_000), 0, 299)
    assert [((each.alert.ts - START) // 1_000, each.alert.text) for each in news] == [
        (0, "1.00M so far"), (60, "61.0M so far"), (120, "121M so far"), (180, "181M so far"), (240, "200M so far"),
    ]  # fmt: skip
    assert transitions(news) == [(0, "r", "firing")] and {each.alert.since for each in news} == {START}


def test_the_packaged_rules_can_be_read_and_judged() -> None:
    from deskmon.config.loading import load

    loaded = load(environ={}, cwd=Path("/nonexistent"))
    one = Engine(loaded.config.alerts, Config().scenarios)
    assert {news.alert.state for news in one.judge(Model(), START)} <= {"ok", "unknown"}
