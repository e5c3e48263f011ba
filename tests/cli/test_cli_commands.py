"""Each command answers what its line in the README says, with the exit status that scripts rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tomli

import deskmon
from deskmon import plugins
from deskmon.cli import session
from deskmon.cli.doctor import terminal
from deskmon.cli.parser import parse
from deskmon.desk.keys import DESK_KEYS
from deskmon.errors import DeskError
from deskmon.model.figures import State

START = 1_767_225_600_000


def test_version(run) -> None:
    assert run("--version").out == f"deskmon {deskmon.__version__}\n"


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["dmo"], "no command is called 'dmo'; did you mean 'demo'?"),
        (["demo", "--lst"], "unrecognized arguments: --lst"),
        (["list", "pannels"], "did you mean 'panels'?"),
        (["demo", "simulater"], "no demo is called 'simulater'; did you mean 'simulator'?"),
        (["plot", "--demo", "prices.BTC.last"], "the word behind it; write `deskmon plot prices.BTC.last --demo`"),
        (["plot", "--demo", "prices.BTC.last", "prices.ETH.last"], "write `deskmon plot prices.BTC.last --demo`"),
        (["plot", "--demo", "simulater"], "no demo is called 'simulater'; did you mean 'simulator'?"),
        (["plot", "--demo", "simulator"], "the following arguments are required: FIGURE"),
        (["alerts", "--demo", "test"], "the word behind it; write `deskmon alerts test --demo`"),
        (["state", "--demo", "prices.BTC.last"], "no demo is called 'prices.BTC.last'; valid: "),
        (["state", "--demo", "--only", "prics"], "there is no figure prics; did you mean prices?"),
        (["state", "--at", "+5m"], "--at goes with --demo, --replay or --attach"),
        (["snapshot", "--demo", "--size", "big"], "'big' is no size; write columns x rows"),
        (["snapshot", "--demo", "--size", "0x20"], "is no size"),
        (["snapshot", "--demo", "--layout", "tap"], "no layout 'tap'; did you mean 'tape'?"),
        (["snapshot", "--demo", "--panel", "tpe"], "panel 'tpe' isn't installed; did you mean 'tape'?"),
        (["snapshot", "--demo", "--panel", "tape", "--layout", "tape"], "not allowed with"),
        (["log", "--demo", "--kind", "wave"], "no kind of event is called 'wave'; did you mean 'waves'?"),
        (["replay", "gone.jsonl"], "gone.jsonl: no such journal"),
        (["replay", "x.jsonl", "--at", "noon"], "'noon' is not a time"),
        (["replay", "x.jsonl", "--at", "-5m"], "'-5m' is not a time; write ISO 8601"),
        (["replay", "x.jsonl", "--at", "--kiosk"], "--at takes a value; one that begins with - is written --at=…"),
        (["replay", "x.jsonl", "--speed", "-1"], "'-1' is no speed"),
        (["record", "x.jsonl", "--for", "long"], "'long' is not a length of time"),
        (["attach", "tcp:1"], "'tcp:1' is no address of a hub; write"),
        (["hub", "--listen", "tcp:1"], "'tcp:1' is no address of a hub; write"),
        (["hub", "--stdio"], "--stdio is for the desk's own use"),
        (["config", "path", "--origin"], "--origin goes with `deskmon config show`"),
        (["new", "panel", "class"], "can't be a panel's name"),
        (["new", "panel", "tape"], "there is a panel 'tape' already"),
        (["check", "gone.toml"], "1 problem in gone.toml"),
        (["--config", "gone.toml", "demo"], "gone.toml: can't be read: no such file"),
        (["demo", "--set", "desk.fps=0"], "--set: desk.fps: expected a number > 0.0, got 0"),
        (["demo", "--set", "fps"], 'expected key=value, got "fps"'),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(run, elsewhere: Path, argv: list[str], part: str) -> None:
    (elsewhere / "x.jsonl").write_text('{"type":"journal","version":1,"source":"recorded","note":"","started":1}\n')
    result = run(*argv)
    assert result.status == 2
    assert part in result.err
    assert result.err.startswith("deskmon: ")
    assert result.err.count("\n") == 1


def test_common_options_stand_before_and_after_the_command(run) -> None:
    result = run("--set", "desk.fps=2", "--theme", "mono", "config", "show", "--set", "desk.symbol=ETH")
    desk = tomli.loads(result.out)["desk"]
    assert (desk["fps"], desk["theme"], desk["symbol"]) == (2.0, "mono", "ETH")


def test_common_options_stand_behind_what_a_command_can_do_too() -> None:
    words = "--set a=1 journal --set b=2 -v verify --log x --set c=3 FILE"
    args = parse(words.split())
    assert (args.sets, args.verbose, args.log, args.path) == (["a=1", "b=2", "c=3"], True, "x", "FILE")
    for action in ("list", "verify", "prune", "repair"):
        assert parse(["journal", action, "-v"]).verbose


def test_an_options_value_may_be_the_name_of_a_command(run, elsewhere: Path) -> None:
    (elsewhere / "check").write_text("[desk]\nname = 'mine'\n")
    assert tomli.loads(run("--config", "check", "config", "show").out)["desk"]["name"] == "mine"


def test_check(run, elsewhere: Path) -> None:
    fine = run("check")
    assert (fine.status, fine.err) == (0, "")
    assert fine.out.endswith("default.toml: fine\n")
    (elsewhere / "deskmon.toml").write_text('[desk]\nthem = "x"\nfps = "y"\ntheme = "drak"\n')
    bad = run("check")
    assert bad.status == 2
    assert bad.out.splitlines() == [
        "deskmon.toml:2: desk.them: unknown key; did you mean 'theme'?",
        'deskmon.toml:3: desk.fps: expected a number, got "y"',
        "deskmon.toml:4: desk.theme: warning: no theme \"drak\", 'dark' is shown instead; did you mean 'dark'?",
    ]
    assert bad.err == "deskmon: 2 problems and 1 warning in deskmon.toml, the desk won't start\n"
    assert run("check", "--config", "deskmon.toml").out == bad.out
    listed = json.loads(run("check", "deskmon.toml", "--json").out)
    assert [(item["severity"], item["key"]) for item in listed] == [
        ("error", "desk.them"), ("error", "desk.fps"), ("warning", "desk.theme"),
    ]  # fmt: skip


def test_the_desk_refuses_a_bad_config_with_every_problem_on_stderr(run, elsewhere: Path) -> None:
    (elsewhere / "deskmon.toml").write_text('[desk]\nthem = "x"\nfps = "y"\n')
    result = run("demo")
    assert (result.status, result.out) == (2, "")
    assert [line.split(": ")[2] for line in result.err.splitlines()] == ["desk.them", "desk.fps"]


def test_a_wrong_theme_and_a_missing_panel_show_a_frame_all_the_same(run, elsewhere: Path) -> None:
    (elsewhere / "deskmon.toml").write_text(
        '[desk]\ntheme = "drak"\n[layouts.default]\nrows = [1.0, 1.0]\n'
        'cells = [{panel = "prices"}, {panel = "pricse", row = 1}]\n'
    )
    result = run("snapshot", "--replay", ten_seconds(elsewhere))
    assert result.status == 0
    assert result.err.count("warning: ") == 2
    assert "BTC" in result.out
    assert "pricse" in result.out


def test_without_a_terminal_demo_prints_one_frame(run) -> None:
    result = run("demo")
    lines = result.out.splitlines()
    assert (result.status, result.err) == (0, "")
    assert len(lines) == 30
    assert "SIMULATED" in lines[0]
    assert "\x1b" not in result.out


def test_snapshot_of_one_panel_in_each_format(run, elsewhere: Path) -> None:
    journal = ten_seconds(elsewhere)
    text = run("snapshot", "--replay", journal, "--panel", "prices", "--size", "60x12")
    assert text.status == 0
    assert len(text.out.splitlines()) == 12
    assert "\x1b[" in run("snapshot", "--replay", journal, "--size", "60x12", "--format", "ansi").out
    assert run("snapshot", "--replay", journal, "--size", "60x12", "--format", "svg").out.startswith("<svg")


def test_state_has_the_keys_asked_for_and_the_time(run, elsewhere: Path) -> None:
    whole = json.loads(run("state", "--demo", "--at", "+2s").out)
    assert tuple(whole) == State.__struct_fields__
    assert (whole["mode"], whole["source"]) == ("demo", "simulated")
    journal = ten_seconds(elsewhere)
    early = json.loads(run("state", "--replay", journal, "--at", "+3s").out)
    part = json.loads(run("state", "--replay", journal, "--at", "+3s", "--only", "prices, at").out)
    assert part == {"at": early["at"], "prices": early["prices"]}
    later = json.loads(run("state", "--replay", journal, "--at", "+5s", "--only", "at").out)
    assert later["at"] == early["at"] + 2_000
    by_date = json.loads(run("state", "--replay", journal, "--at", str(early["at"]), "--only", "at").out)
    assert by_date["at"] == early["at"]


def test_state_schema_describes_the_state(run) -> None:
    schema = json.loads(run("state", "--schema").out)
    assert set(schema["$defs"]["State"]["properties"]) == set(State.__struct_fields__)


def test_options_of_the_demo_come_from_set(run) -> None:
    one = run("state", "--demo", "--only", "prices", "--set", "feeds.demo.seed=1").out
    two = run("state", "--demo", "--only", "prices", "--set", "feeds.demo.seed=2").out
    assert json.loads(one)["prices"].keys() == json.loads(two)["prices"].keys()
    assert one != two


def ten_seconds(folder: Path) -> str:
    """The name of a journal in the folder: a ticker a second."""
    lines = [{"type": "journal", "version": 1, "source": "recorded", "note": "", "started": START}]
    lines += [
        {"type": "ticker", "ts": START + 1000 * n, "venue": "bybit", "symbol": "BTC/USDT:USDT", "last": 100.0 + n}
        for n in range(10)
    ]
    (folder / "j.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return "j.jsonl"


def test_a_journal_is_a_market_too(run, elsewhere: Path) -> None:
    ten_seconds(elsewhere)
    state = json.loads(run("state", "--replay", "j.jsonl").out)
    assert (state["at"], state["mode"], state["source"]) == (START + 9000, "replay", "recorded")
    assert state["prices"]["BTC/USDT:USDT"]["last"] == 109.0
    early = json.loads(run("state", "--replay", "j.jsonl", "--at", "+3s").out)
    assert early["prices"]["BTC/USDT:USDT"]["last"] == 103.0
    frame = run("replay", "j.jsonl")
    assert frame.status == 0
    assert "REPLAY" in frame.out


def test_config_path_is_one_line_and_all_places_with_v(run, elsewhere: Path) -> None:
    assert run("config", "path").out.rstrip().endswith("default.toml")
    (elsewhere / "deskmon.toml").write_text("")
    assert run("config", "path").out == "deskmon.toml\n"
    places = run("config", "path", "-v").out.splitlines()
    assert len(places) == 3
    assert [place.startswith("→") for place in places] == [True, False, False]


def test_config_schema_and_json(run) -> None:
    assert json.loads(run("config", "schema").out)["$ref"] == "#/$defs/Config"
    assert json.loads(run("config", "show", "--json").out)["desk"]["layout"] == "default"
    assert "# default" in run("config", "show", "--origin").out


def test_lists_name_every_plugin(run) -> None:
    for what, names in (
        ("panels", plugins.panel_names()),
        ("feeds", plugins.feed_names()),
        ("themes", plugins.theme_names()),
        ("layouts", ("default", "leverage", "options", "flows", "tape", "feeds", "events")),
        ("demos", ("simulator", "calm", "2025-11-20", "2025-11-21", "2026-01-29", "2026-02-06", "2026-06")),
    ):
        rows = json.loads(run("list", what, "--json").out)
        assert tuple(row["name"] for row in rows) == names
        assert len(run("list", what).out.splitlines()) == len(names)


def test_list_keys_after_they_were_moved(run) -> None:
    rows = json.loads(run("list", "keys", "--json", "--set", "keys.desk.quit=ctrl+q").out)
    keys = {row["id"]: row["key"] for row in rows}
    assert keys["desk.quit"] == "ctrl+q"
    assert {key.id for key in DESK_KEYS} < keys.keys()


def test_list_venues_shows_those_of_the_desk_first(run) -> None:
    rows = json.loads(run("list", "venues", "--json").out)
    here = [row["venue"] for row in rows if row["here"]]
    assert here == [row["venue"] for row in rows[: len(here)]]
    assert {"bybit", "okx", "htx"} <= {*here}
    assert len(rows) > 50


def test_new_writes_a_file_and_its_test_once(run, elsewhere: Path) -> None:
    first = run("new", "panel", "my_panel")
    assert first.status == 0
    assert 'my_panel = "my_panel:MyPanel"' in first.out
    assert (elsewhere / "my_panel.py").is_file()
    assert (elsewhere / "test_my_panel.py").is_file()
    assert run("new", "panel", "my_panel").status == 2


def test_an_interrupt_is_status_130(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(args: object, **more: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "load_config", interrupted)
    result = run("list", "layouts")
    assert (result.status, result.out, result.err) == (130, "", "")


def test_a_failure_while_running_is_status_1_and_a_traceback_only_with_v(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(args: object, **more: object) -> object:
        raise DeskError("the disk is full", "make room")

    monkeypatch.setattr(session, "load_config", failing)
    assert run("list", "layouts") == type(run("--version"))(1, "", "deskmon: the disk is full; make room\n")
    assert "Traceback" in run("list", "layouts", "-v").err


def test_a_log_that_cannot_be_written(run) -> None:
    result = run("demo", "--log", "no/such/folder/x.log")
    assert result.status == 1
    assert "no/such/folder/x.log: can't be written" in result.err


def test_an_attach_without_a_hub_says_how_to_start_one(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deskmon.cli.market.ATTACH_S", 0.2)
    result = run("state", "--attach", "unix:nowhere.sock")
    assert result.status == 1
    assert "no hub answers at unix:nowhere.sock" in result.err
    assert "deskmon hub --listen unix:nowhere.sock" in result.err


@pytest.mark.parametrize(
    ("environ", "size", "states"),
    [
        (
            {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"},
            (120, 40),
            {"terminal": "ok", "colours": "ok", "size": "ok", "locale": "ok"},
        ),
        ({"TERM": "xterm-256color", "NO_COLOR": "1", "LANG": "C"}, (80, 24), {"colours": "warn", "locale": "warn"}),
        ({"TERM": "dumb"}, (60, 20), {"terminal": "fail", "colours": "warn", "size": "warn"}),
        (
            {"TERM": "screen", "TMUX": "x"},
            (80, 24),
            {"terminal": "ok", "colours": "warn", "size": "ok", "tmux": "warn"},
        ),
    ],
)
def test_doctor_looks_at_the_terminal(environ: dict[str, str], size: tuple[int, int], states: dict[str, str]) -> None:
    found = {finding.what: finding for finding in terminal(environ, size, True)}
    for what, state in states.items():
        assert found[what].state == state
        assert found[what].remedy or state == "ok"


def test_doctor_asks_the_feeds(run, elsewhere: Path) -> None:
    result = run("doctor", "--json", "--set", 'feeds={a={type="replay", path="gone.jsonl"}}')
    found = json.loads(result.out)
    assert result.status == 1
    assert any(item["state"] == "fail" and "gone.jsonl" in item["detail"] for item in found)
    fine = run("doctor", "--json", "--set", 'feeds={a={type="demo"}}')
    assert {"state": "ok", "what": "feeds", "detail": "a: the market opens", "remedy": ""} in json.loads(fine.out)


def test_a_capture_of_an_unknown_feed_names_the_nearest_and_one_that_hears_nothing_says_so(run, tmp_path):
    nowhere = 'urls = { spot = "http://127.0.0.1:9", public = "http://127.0.0.1:9" }'
    (tmp_path / "deskmon.toml").write_text(f'[feeds.kraken]\ntype = "ccxt"\nexchange = "kraken"\n{nowhere}\n')
    options = ("--out", str(tmp_path / "out"), "--config", str(tmp_path / "deskmon.toml"))
    unknown = run("capture", "krakn", *options)
    assert (unknown.status, "kraken" in unknown.err) == (2, True)
    silent = run("capture", "kraken", "--for", "1s", *options)
    assert (silent.status, silent.out) == (1, "")
    assert "nothing was heard of kraken" in silent.err
    looked = run("doctor", "--json", "--config", str(tmp_path / "deskmon.toml"))
    assert any("deskmon capture kraken --for 60s" in item["remedy"] for item in json.loads(looked.out))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_hub_without_the_package_of_its_metrics_says_so_before_it_begins(run, monkeypatch, tmp_path):
    monkeypatch.setattr("deskmon.hub.metrics.find_spec", lambda name: None)
    socket, log = tmp_path / "hub.sock", tmp_path / "hub.log"
    told = run("hub", "--listen", f"unix:{socket}", "--metrics", "9400", "--log", str(log))
    assert (told.status, told.out) == (1, "") and not socket.exists()
    assert told.err == "deskmon: --metrics needs prometheus-client; pip install 'deskmon[metrics]'\n"
    assert "pip install 'deskmon[metrics]'" in log.read_text()


@pytest.mark.parametrize("name", ["", " ", "a b"])
def test_a_name_that_no_rule_can_have_is_reported_once(run, elsewhere, name):
    (elsewhere / "deskmon.toml").write_text(f'[alerts.rules."{name}"]\nwhen = "prices.BTC.last > 1"\n')
    told = run("check")
    assert told.status == 2 and len(told.out.splitlines()) == 1
    assert told.err == "deskmon: 1 problem in deskmon.toml, the desk won't start\n"
