"""A bad configuration: every problem at once, each with its place and the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskmon.config.loading import examine, load
from deskmon.desk.keys import ALL_KEYS
from deskmon.errors import ConfigError


def problems(tmp_path: Path, text: str, sets: tuple[str, ...] = ()) -> dict[str, str]:
    """Messages by key, warnings marked, of a file with this text."""
    path = tmp_path / "desk.toml"
    path.write_text(text)
    report = examine(path, sets, desk_keys=ALL_KEYS)
    found: dict[str, str] = {}
    for problem in report.problems:
        assert problem.key not in found, f"{problem.key} is reported twice"
        found[problem.key] = ("warning: " if problem.severity == "warning" else "") + problem.message
    return found


BAD = """\
[desk]
nmae = "mine"
fps = 99
theme = "drak"
layout = "defualt"

[model]
depth_reference = "middle"
big_trade_usd = "much"

[feeds.one]
type = "ccxtt"

[feeds.two]
type = "ccxt"
exchange = "bybt"
symbls = ["BTC"]
channels = ["tikcer"]
enabled = "yes"

[layouts.mine]
rows = [1.0, 2.0]
[[layouts.mine.cells]]
panel = "pricse"
[[layouts.mine.cells]]
panel = "tape"
row = 1
column = 1
[[layouts.mine.cells]]
panel = "feeds"
row = 1
rows = 0

[keys]
"desk.quitt" = "x"
"desk.help" = "t"
"""


def test_every_problem_is_found_at_once_with_its_nearest_name(tmp_path: Path) -> None:
    found = problems(tmp_path, BAD)
    expected = {
        "desk.nmae": "did you mean 'name'?",
        "desk.fps": "expected a number <= 30.0, got 99",
        "desk.theme": "did you mean 'dark'?",
        "desk.layout": "did you mean 'default'?",
        "model.depth_reference": "expected one of 'mid', 'best'",
        "model.big_trade_usd": 'expected a number, got "much"',
        "feeds.one.type": "did you mean 'ccxt'?",
        "feeds.two.exchange": "did you mean bybit",
        "feeds.two.symbls": "did you mean 'symbols'?",
        "feeds.two.channels[0]": "did you mean 'ticker'?",
        "feeds.two.enabled": 'expected true or false, got "yes"',
        "layouts.mine.cells[0].panel": "did you mean 'prices'?",
        "layouts.mine.cells[1]": "reaches column 1, the last of the grid is 0",
        "layouts.mine.cells[2].rows": "expected a whole number >= 1, got 0",
        'keys."desk.quitt"': "did you mean 'desk.quit'?",
        'keys."desk.help"': "is the key of desk.theme already",
    }
    assert found.keys() == expected.keys()
    for key, part in expected.items():
        assert part in found[key], f"{key}: {found[key]}"


def test_load_raises_all_of_them_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(BAD)
    with pytest.raises(ConfigError) as caught:
        load(path, desk_keys=ALL_KEYS)
    assert len(caught.value.problems) == 16
    assert caught.value.status == 2
    lines = BAD.splitlines()
    for key in ("nmae", "fps", "theme", "layout", "depth_reference", "exchange", "symbls", "enabled"):
        number = next(n for n, line in enumerate(lines, 1) if line.startswith(key + " "))
        assert any(text.startswith(f"{path}:{number}: ") and f".{key}: " in text for text in caught.value.problems), key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('desk.theme = "drak"', "desk.theme"),
        ('[feeds.x]\ntype = "gone"', "feeds.x.type"),
        ('[feeds.x]\ntype = "ccxt"\nexchange = "gone"', "feeds.x.exchange"),
        ('[[layouts.default.cells]]\npanel = "gone"', "layouts.default.cells[0].panel"),
    ],
)
def test_a_wrong_theme_or_a_missing_plugin_does_not_stop_the_desk(tmp_path: Path, text: str, key: str) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(text)
    report = examine(path)
    assert [(problem.severity, problem.key) for problem in report.problems] == [("warning", key)]
    loaded = load(path)
    assert len(loaded.warnings) == 1
    assert key in loaded.warnings[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[desk\n", "desk.toml:1:6: not valid TOML"),
        ("a = 1\nb = = 2\n", "desk.toml:2:5: not valid TOML"),
        ("x = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_broken_toml_says_file_line_and_column(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(text)
    report = examine(path)
    assert report.loaded is None
    assert message in str(report.problems[0])


def test_a_file_that_is_not_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"desk = '\xff'")
    assert "not UTF-8" in str(examine(tmp_path / "bytes.toml").problems[0])
    assert "no such file" in str(examine(tmp_path / "gone.toml").problems[0])
    assert "directory" in str(examine(tmp_path).problems[0])


def test_cells_that_overlap_are_named(tmp_path: Path) -> None:
    text = """
    [layouts.a]
    rows = [1.0, 1.0]
    columns = [1.0, 1.0]
    cells = [{panel = "tape", rows = 2}, {panel = "feeds", row = 1, columns = 2}, {panel = "prices", column = 1}]
    """
    assert problems(tmp_path, text) == {"layouts.a.cells[1]": 'overlaps cells[0] ("tape")'}


def test_a_grid_without_panels_or_with_bad_weights(tmp_path: Path) -> None:
    text = '[layouts.a]\n[layouts.b]\nrows = []\ncolumns = [0.0, nan]\ncells = [{panel = "tape"}]'
    found = problems(tmp_path, text)
    assert found.keys() == {"layouts.a.cells", "layouts.b.rows", "layouts.b.columns[1]"}


def test_a_market_of_its_own_stands_alone(tmp_path: Path) -> None:
    found = problems(tmp_path, '[feeds.a]\ntype = "demo"\n[feeds.b]\ntype = "ccxt"\nexchange = "bybit"')
    assert found == {"feeds.a": "plays a whole market and must be the only enabled feed, but so is b"}
    off = '[feeds.a]\ntype = "demo"\n[feeds.b]\ntype = "ccxt"\nexchange = "bybit"\nenabled = false'
    assert problems(tmp_path, off) == {}


def test_keys_can_be_moved_and_swapped_but_not_doubled(tmp_path: Path) -> None:
    assert problems(tmp_path, '[keys]\ndesk.sort = "w"\ndesk.window = "s"\n"desk.quit" = "ctrl+q"') == {}
    found = problems(tmp_path, '[keys.desk]\nsort = "w"\nhelp = "1"\nquit = "ctlr+q"\nzoom = "page_up"')
    assert found == {
        'keys."desk.sort"': '"w" is the key of desk.window already',
        'keys."desk.help"': '"1" focuses a panel and can\'t be given away',
        'keys."desk.quit"': '"ctlr+q" is no key; one character, or a name such as f5 or ctrl+x',
        'keys."desk.zoom"': "\"page_up\" is no key; did you mean 'pageup'?",
    }


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("ctrl+m", "it is the same as enter"),
        ("ctrl+i", "it is the same as tab"),
        ("ctrl+[", "it is the same as escape"),
        ("ctrl+h", "it is the same as backspace"),
        ("ctrl+1", "ctrl goes with a letter"),
        ("j", "further key of desk.down"),
        ("home", "further key of desk.top"),
        ("ctrl+p", "further key of desk.palette"),
    ],
)
def test_a_key_that_no_terminal_sends_or_that_another_loses_is_a_finding(tmp_path: Path, key: str, words: str) -> None:
    found = problems(tmp_path, f'[keys]\ndesk.zoom = "{key}"')
    assert list(found) == ['keys."desk.zoom"'] and words in found['keys."desk.zoom"']


def test_problems_of_set_are_placed_there(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text("")
    texts = [str(p) for p in examine(path, ["desk.fps=0", "nonsense", "desk.name.x=1", "a b=1"]).problems]
    assert texts == [
        '--set: expected key=value, got "nonsense"',
        "--set: desk.name.x: desk.name is no table",
        '--set: expected key=value, got "a b=1"',
        "--set: desk.fps: expected a number > 0.0, got 0",
    ]


def test_keys_of_edit_mode_clash_among_themselves_only(tmp_path: Path) -> None:
    assert problems(tmp_path, '[keys]\nedit.save = "q"\nedit.add = "ctrl+a"') == {}
    found = problems(tmp_path, '[keys]\nedit.save = "x"')
    assert found == {'keys."edit.save"': '"x" is the key of edit.swap already'}


@pytest.mark.parametrize(
    ("zone", "hint"),
    [("Europe/Berlim", "did you mean 'Europe/Berlin'?"), ("../../etc/passwd", "such as"), ("", "such as")],
)
def test_an_unknown_time_zone_is_named_with_the_nearest(tmp_path, zone, hint):
    (message,) = problems(tmp_path, f'[desk]\ntimezone = "{zone}"\n').values()
    assert message.startswith("warning: no time zone") and hint in message


def test_a_known_time_zone_is_fine(tmp_path):
    assert problems(tmp_path, '[desk]\ntimezone = "Europe/Berlin"\n') == {}


def test_all_legs_of_a_rule_are_judged_also_where_another_key_of_it_is_wrong(tmp_path):
    found = problems(tmp_path, """\
[alerts.rules.odd]
all = ["prices.BTC.lst > 5", "prices.BTC.last ?? 5", "prices.BTC.last > 5"]
clear = "nonsense"
for = "soon"

[scenarios.plan.up]
when = "prices.BTC.lst > 5"
targt = "x"
""")  # fmt: skip
    odd = "alerts.rules.odd"
    assert {*found} == {
        f"{odd}.all[0]", f"{odd}.all[1]", f"{odd}.clear", f"{odd}.for", "scenarios.plan.up.when",
        "scenarios.plan.up.targt",
    }  # fmt: skip
    assert found[f"{odd}.all[0]"].endswith("did you mean prices.BTC.last?")
