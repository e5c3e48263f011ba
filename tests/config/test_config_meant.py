"""Values of the right type that can't be meant: each is a finding where it stands, found by its kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskmon.config.loading import examine


def found(tmp_path: Path, text: str, *sets: str) -> dict[str, str]:
    """`severity: message` by key."""
    (tmp_path / "desk.toml").write_text(text)
    report = examine(tmp_path / "desk.toml", sets)
    return {problem.key: f"{problem.severity}: {problem.message}" for problem in report.problems}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[desk]\nname = "a\\u0007"', "desk.name"),
        ('[desk]\nsymbol = "B\\u200bTC"', "desk.symbol"),
        ('[feeds.x]\ntype = "ccxt"\nexchange = "bybit"\nsymbols = ["BTC", "E\\u0000TH"]', "feeds.x.symbols[1]"),
        ('[feeds.x]\ntype = "deribit_options"\nunderlyings = ["BTC", "E\\nTH"]', "feeds.x.underlyings[1]"),
        ('[feeds."x\\ny"]\ntype = "ccxt"\nexchange = "bybit"', 'feeds."x\\ny"'),
        ('[layouts."a\\u001b"]\ncells = [{panel = "tape"}]', 'layouts."a\\u001b"'),
        ('[[levels.pins]]\nsymbol = "BTC"\nprice = 1.0\nlabel = "a\\tb"', "levels.pins[0].label"),
    ],
)
def test_a_control_character_is_found_in_any_text_and_name(tmp_path: Path, text: str, key: str) -> None:
    problems = found(tmp_path, text)
    assert problems.keys() == {key}
    assert "printable characters alone, no U+" in problems[key]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[feeds.x]\ntype = "ccxt"\nexchange = "bybit"\nsymbols = ["", "BTC"]', "feeds.x.symbols[0]"),
        ('[feeds.x]\ntype = "deribit_options"\nunderlyings = ["BTC", " "]', "feeds.x.underlyings[1]"),
        ('[layouts." "]\ncells = [{panel = "tape"}]', 'layouts." "'),
        ('[journal]\npath = ""', "journal.path"),
        ('[history]\npath = ""', "history.path"),
        ('[desk]\nsymbol = ""', "desk.symbol"),
        ('[mqtt]\nca = ""', "mqtt.ca"),
        ('[feeds.x]\ntype = "replay"\npath = ""', "feeds.x.path"),
    ],
)
def test_a_name_or_path_without_a_character_is_an_error(tmp_path: Path, text: str, key: str) -> None:
    problems = found(tmp_path, text)
    assert problems.keys() == {key}
    assert problems[key].startswith("error: ")


def test_a_wave_that_would_end_above_where_it_begins_is_an_error(tmp_path: Path) -> None:
    words = "error: leave (5) is above enter (3): a burst would end as it begins"
    assert found(tmp_path, "[waves]\nenter = 3.0\nleave = 5.0") == {"waves.leave": words}
    assert found(tmp_path, "", "waves.leave=9")["waves.leave"].startswith("error: leave (9) is above enter (8)")
    assert found(tmp_path, "[waves]\nenter = 2.0").keys() == {"waves"}
    assert found(tmp_path, "[waves]\nenter = 5.0\nleave = 5.0") == {}


@pytest.mark.parametrize(
    ("options", "key", "words"),
    [
        ('type = "replay"\npath = "/dev/zero"', "path", "it is a device"),
        ('type = "replay"\npath = "/"', "path", "a folder without segments"),
        ('type = "replay"\npath = "gone.jsonl"', "path", "no such file"),
        ('type = "replay"\npath = "HERE"\nat = "noon"', "at", "'noon' is not a time"),
        ('type = "replay"\npath = "HERE"\nspeed = -1.0', "speed", "-1 is no speed"),
        ('type = "demo"\nname = "simulater"', "name", "did you mean 'simulator'?"),
    ],
)
def test_what_a_played_market_could_not_begin_with_is_a_warning(tmp_path, options, key, words) -> None:
    problems = found(tmp_path, f"[feeds.x]\n{options}".replace("HERE", str(tmp_path / "desk.toml")))
    assert problems.keys() == {f"feeds.x.{key}"}
    assert problems[f"feeds.x.{key}"].startswith("warning: ") and words in problems[f"feeds.x.{key}"]
