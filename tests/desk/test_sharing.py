"""What a trader hands on: rows, panels and pages as text and CSV, by the terminal's clipboard; frames as files."""

import csv
import io
import stat
from base64 import b64decode
from importlib.metadata import entry_points

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.api import Column, Row, TablePanel
from deskmon.colours.theme_choice import theme_or_dark
from deskmon.components.panel import Frame, Notify
from deskmon.components.shared import csv_of, row_words, shared_row, shared_tables
from deskmon.config.schema import Cell, Config, Layout
from deskmon.configured_model import new_model
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.desk import Desk
from deskmon.desk.sharer import ScreenSharer
from deskmon.events import HubStatus, JournalFiles, Pulse
from deskmon.plugins import load_panel
from deskmon.samples import NOW
from deskmon.terminal.clipboard import MOST_BYTES, clipboard, fitting, hands_on
from deskmon.terminal.vt import controls
from tests.markets import sample


def desk_of(*panels, writer=None, environment=None, tmp_path=None):
    """A desk, and the list of sequences that its sharer wrote."""
    cells = tuple(Cell(panel=panel, column=n) for n, panel in enumerate(panels))
    layout = Layout(columns=(1.0,) * len(cells), cells=cells)
    written = []
    desk = Desk(
        Config(layouts={"default": layout}), sample("full"), load_panel=load_panel, config_writer=writer,
        sharer=ScreenSharer(environment or {}, written.append, None, None, None, tmp_path),
    )  # fmt: skip
    desk.resize(160, 30)
    desk.frame(NOW)
    return desk, written


def press(desk, *keys):
    for key in keys:
        desk.press(key, NOW)
        desk.frame(NOW)
    return desk.canvas.text().splitlines()[0]


def decoded(sequence):
    head, tail = "\x1b]52;c;", "\x1b\\"
    assert sequence.startswith(head) and sequence.endswith(tail)
    return b64decode(sequence[len(head) : -len(tail)]).decode()


def copied(number, *panels):
    desk, written = desk_of(*panels)
    said = press(desk, "y", str(number))
    assert "copied" in said and "bytes" in said
    [sequence] = written
    return decoded(sequence)


def test_two_keys_copy_the_row_under_the_cursor_with_its_market_and_time():
    text = copied(1, "prices")
    assert text.startswith("symbol BTC · last 84,795.54 · ")
    assert text.endswith(" (simulated, 2025-11-21 14:32:07Z)\n") and text.count("\n") == 1


def test_the_same_key_twice_copies_the_panel_as_it_stands_there():
    desk, written = desk_of("prices")
    press(desk, "y", "y")
    first, labels, *rows = decoded(written[0]).splitlines()
    assert first.startswith("Prices") and "simulated, 2025-11-21 14:32:07Z" in first
    assert "symbol" in labels and rows[0].startswith("▸BTC")


def test_a_page_is_the_whole_frame():
    desk, written = desk_of("prices", "feeds")
    frame = desk.canvas.text()
    press(desk, "y", "3")
    assert decoded(written[0]).splitlines()[1:-1] == [line.rstrip() for line in frame.splitlines()][1:-1]


def test_a_panel_as_csv_has_numbers_that_a_spreadsheet_reads_and_says_where_they_are_of():
    table = list(csv.DictReader(io.StringIO(copied(5, "prices"))))
    figures = sample("full").prices.figures(NOW)
    btc = table[0]
    assert float(btc["last"]) == figures["BTC/USDT:USDT"].last
    assert float(btc["24h"].removesuffix("%")) == pytest.approx(
        figures["BTC/USDT:USDT"].change_pct["24h"], abs=0.005
    )  # fmt: skip
    assert (btc["at"], btc["market_source"]) == ("2025-11-21T14:32:07Z", "simulated")
    assert "day" not in btc  # a picture is no figure


@pytest.mark.parametrize("name", sorted(each.name for each in entry_points(group="deskmon.panels")))
def test_no_two_columns_of_a_csv_have_one_name(name):
    panel = load_panel(name)()
    text = csv_of(shared_tables(panel, Frame(sample("full"), NOW, 160, 400)), NOW, "simulated")
    for table in text.split("\n\n"):
        names = next(csv.reader(io.StringIO(table)), [])
        assert len({*names}) == len(names), names


def test_a_lower_bound_stays_one_in_csv_and_dollars_are_whole():
    rows = list(csv.DictReader(io.StringIO(copied(5, "liquidations").partition("\n\n")[0])))
    assert {"at least", ""} == {value for row in rows for key, value in row.items() if key.endswith(" bound")}
    assert all(not cell or cell[0] not in "≥—" for row in rows for cell in row.values())


def test_csv_of_a_page_holds_the_tables_of_all_panels_and_of_a_row_one_row():
    page = copied(6, "prices", "feeds")
    assert page.startswith("prices\nsymbol,") and "\nfeeds\n" in page
    assert copied(4, "prices").count("\n") == 2


class Strange(TablePanel):
    """What a stranger wrote."""

    name = "strange"
    title = "Strange"
    topics = frozenset({"prices"})
    columns = (Column("text", "text", 20), Column("usd", "usd", 10, "right"))
    words = ""

    def rows(self, frame):
        return [Row("one", {"text": (self.words, "text"), "usd": ("≥1.23K", "text")}, {"usd": 1_234.5})]


@given(st.text(max_size=40))
def test_foreign_text_leaves_without_escapes_and_no_spreadsheet_runs_it(words):
    panel = Strange()
    panel.words = words
    text = csv_of(shared_tables(panel, Frame(sample("full"), NOW, 80, 20)), NOW, "live")
    header, row = csv.reader(io.StringIO(text))
    assert text.replace("\n", "").isprintable()
    cells = dict(zip(header, row, strict=True))
    assert cells["usd"] == "1234.5" and cells["usd bound"] == "at least"
    assert not cells.get("text", "").startswith(("=", "+", "-", "@"))


@given(st.text(), st.integers(0, 3))
def test_what_fits_is_whole_lines_from_the_start(text, times):
    text = text * 30_000 if times == 3 else text
    kept = fitting(text)
    assert text.startswith(kept) and len(kept.encode()) <= MOST_BYTES
    assert kept == text or kept.endswith("\n") or "\n" not in kept


def test_the_largest_copy_passes_the_driver_and_tmux_gets_both_ways():
    text = "x" * MOST_BYTES
    for environment, count in (({"TERM": "xterm"}, 1), ({"TERM": "tmux-256color"}, 2), ({"TMUX": "/tmp/x"}, 2)):
        sequences = clipboard(text, environment)
        assert len(sequences) == count
        assert all(controls(sequence) is not None and len(sequence) <= 66_000 for sequence in sequences)
        assert decoded(sequences[0]) == text
    assert controls("\x1bPtmux;\x1b\x1b]52;c;a b\x1b\x1b\\\x1b\\") is None


def test_gnu_screen_hands_nothing_on_and_the_desk_says_so():
    assert not hands_on({"STY": "1.x"}) and hands_on({"TERM": "screen-256color", "TMUX": "x"})
    desk, written = desk_of("prices", environment={"STY": "1.x"})
    assert "GNU screen hands no clipboard on" in press(desk, "y", "1") and not written


def test_too_much_is_copied_up_to_a_line_and_the_desk_says_how_much():
    written = []
    sharer = ScreenSharer({}, written.append, None, None, None)
    said = sharer.copy("a line of text\n" * 10_000, "panel tape")
    assert said.style == "warn" and "the first 3,276 of 10,000 lines of panel tape" in said.text
    assert decoded(written[0]) == "a line of text\n" * 3_276


def test_what_is_no_table_is_no_csv_and_has_no_row():
    desk, written = desk_of("chart")
    assert "nothing copied: chart is no table" in press(desk, "y", "5")
    assert "no row" in press(desk, "y", "1") and not written


STRANGER = ConfigWriter(None, "this is a kiosk", kiosk=True)


def test_in_a_kiosk_neither_key_exists_in_help_or_footer_or_does_anything():
    desk, written = desk_of("prices", writer=STRANGER)
    before = desk.canvas.text()
    press(desk, "y", "1", "Y")
    assert (desk.mode, written, desk.canvas.text()) == (None, [], before)
    desk.resize(160, 120)
    press(desk, "?")
    assert "clipboard" not in desk.canvas.text() and "as SVG" not in desk.canvas.text()


def test_a_trader_on_another_s_hub_copies_and_writes_no_file():
    desk, written = desk_of("prices", writer=ConfigWriter(None, "a screen with --as keeps no files"))
    assert "copied the row" in press(desk, "y", "1") and len(written) == 1
    assert "no picture was written: a screen with --as keeps no files" in press(desk, "Y")


async def test_one_key_writes_the_frame_as_picture_and_text_for_this_user_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    said, started = [], []
    sharer = ScreenSharer({}, None, lambda: theme_or_dark("dark"), said.append, started.append, tmp_path / "shared")
    desk, _ = desk_of("prices", writer=ConfigWriter(tmp_path / "deskmon.toml"))
    desk.sharer = sharer
    frame = desk.canvas.text()
    press(desk, "Y")
    await started.pop()
    text, svg = (tmp_path / "shared" / f"deskmon-2025-11-21T143207Z-prices.{ending}" for ending in ("txt", "svg"))
    assert said == [Notify("wrote ~/shared/deskmon-2025-11-21T143207Z-prices.svg and .txt", "ok")]
    assert text.read_text() == frame + "\n"
    assert "84,795.54" in svg.read_text() and svg.read_text().rstrip().endswith("</svg>")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (text, svg)} == {0o600}


async def test_where_no_file_can_be_written_the_desk_says_why(tmp_path):
    (tmp_path / "shared").write_text("a file")
    said, started = [], []
    sharer = ScreenSharer({}, None, lambda: theme_or_dark("dark"), said.append, started.append, tmp_path / "shared")
    sharer.keep(desk_of("prices")[0].canvas, "x")
    await started.pop()
    assert said == [Notify("no picture was written: File exists", "error")]


class Reports:
    """Takes what a desk hands on."""

    def __init__(self):
        self.asked = []

    def report(self, config, journal, now, name):
        self.asked.append((config, journal, now, name))


@pytest.mark.parametrize(
    ("mode", "controls", "folder", "asked"),
    [
        ("demo", True, None, [None]),
        ("replay", True, "/journal", [None]),
        ("live", True, "/journal", ["/journal"]),
        ("live", False, "/journal", ["/journal"]),
        ("live", True, None, []),
        ("demo", False, None, []),
    ],
)
def test_a_key_has_the_report_made_of_the_market_that_is_played_or_of_the_hubs_journal(mode, controls, folder, asked):
    desk, _ = desk_of("prices")
    desk.sharer, desk.model = Reports(), new_model(Config())
    desk.status.mode, desk.status.controls = mode, controls
    journal = None if folder is None else JournalFiles(path=folder, bytes=1, segments=1, oldest=NOW)
    hub = HubStatus(version="1", started=NOW, screens=1, memory_mb=1.0, journal=journal)
    desk.model.apply([Pulse(ts=NOW, seq=1, mode=mode, hub=hub)])
    said = press(desk, "R")
    assert [each[1:] for each in desk.sharer.asked] == [(each, NOW, "report-2025-11-21T143207Z") for each in asked]
    assert ("the report is being made" if asked else "no report was written: this hub keeps no journal") in said


def test_a_stranger_and_a_guest_write_no_report():
    for writer, words in ((ConfigWriter(kiosk=True), ""), (ConfigWriter(refusal="a guest keeps no files"), "a guest")):
        desk, _ = desk_of("prices", writer=writer)
        desk.sharer = Reports()
        assert words in press(desk, "R") and not desk.sharer.asked


@pytest.mark.parametrize(("name", "column"), [("headlines", "headline"), ("events", "event")])
def test_words_that_are_wrapped_on_the_screen_are_one_cell_of_a_csv(name, column):
    panel = load_panel(name)()
    wide, narrow = (
        [row[column] for row in csv.DictReader(io.StringIO(csv_of(shared_tables(panel, frame), NOW, "live")))]
        for frame in (Frame(sample("full"), NOW, 400, 40), Frame(sample("full"), NOW, 80, 40))
    )
    assert narrow == wide
    assert max(map(len, narrow)) > 80, "some are wrapped"


def test_the_row_of_a_wrapped_headline_is_copied_whole():
    panel, wide = load_panel("headlines")(), Frame(sample("full"), NOW, 400, 40)
    narrow = Frame(sample("full"), NOW, 70, 40)
    panel.draw(narrow)
    assert row_words(shared_row(panel, narrow)) == row_words(shared_tables(panel, wide)[0])


def test_a_condition_of_a_rule_has_a_row_of_its_own_in_a_csv():
    rows = list(csv.DictReader(io.StringIO(copied(5, "alerts"))))
    assert any(row["value"] for row in rows) and len(rows) > len(sample("full").alerts.figures(NOW))
