"""A table's cursor stays on its row; scroll, sort and filter do what the keys say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskmon.api import Column, Drill, Frame, Row, Section, TablePanel
from deskmon.model import Model

COLUMNS = (Column("name", "name", 8, least=4, order="up"), Column("n", "n", 4, "right", 1, order="down"))


class Table(TablePanel):
    name = "table"
    columns = COLUMNS

    def __init__(self, data):
        super().__init__()
        self.data = dict(data)

    def rows(self, frame):
        for key, n in self.data.items():
            yield Row(key, {"name": (key, "text"), "n": ("—" if n is None else str(n), "text")}, {"name": key, "n": n})

    def open(self, row, frame):
        return Drill("page", {"key": row.key}, row.key)


class Tape(Table):
    stay_on_first = True


def frame(height=6, width=30, focused=True, model=Model()):  # noqa: B008 - one empty model serves all
    return Frame(model, 0, width, height, "BTC", focused)


def look(table, height=6, width=30):
    table.changed()
    return ["".join(text for text, _ in line).rstrip() for line in table.draw(frame(height, width))]


def names(lines):
    return [line.strip("▸▐ ").split()[0] for line in lines]


def steps(table, *actions, height=6):
    for action in actions:
        table.on_action(action, frame(height))
    return look(table, height)


def test_the_first_row_is_marked_and_moves_go_row_by_row():
    table = Table({"a": 1, "b": 2, "c": 3})
    assert look(table) == [" name         n", "▸a            1", " b            2", " c            3"]
    assert steps(table, "down", "down")[3] == "▸c            3"
    assert steps(table, "down")[3].startswith("▸c")
    assert steps(table, "top")[1].startswith("▸a")
    assert steps(table, "bottom", "up")[2].startswith("▸b")


def test_only_a_focused_table_lights_its_row():
    table = Table({"a": 1})
    styles = [{style for text, style in table.draw(frame(focused=focused))[1]} for focused in (False, True)]
    assert styles == [{"faint", "text", ""}, {"accent cursor", "text cursor", "cursor"}]
    lit = table.draw(frame(focused=True))[1]
    assert sum(len(text) for text, _ in lit) == 30


def test_the_cursor_stays_on_its_row_when_the_order_changes():
    table = Table({"a": 1, "b": 2, "c": 3})
    steps(table, "down")
    table.data = {"c": 9, "b": 2, "a": 1, "d": 0}
    assert look(table)[2].startswith("▸b")
    table.data = {"d": 0, "c": 9, "b": 2}
    assert look(table)[3].startswith("▸b")


def test_when_its_row_goes_the_cursor_takes_the_one_in_its_place():
    table = Table({"a": 1, "b": 2, "c": 3})
    steps(table, "down")
    table.data = {"a": 1, "c": 3}
    assert look(table)[2].startswith("▸c")
    table.data = {}
    assert look(table)[1].strip() == "nothing yet"


def test_on_a_tape_the_first_row_is_followed_and_any_other_is_kept():
    tape = Tape({"a": 1})
    tape.data = {"b": 2, "a": 1}
    assert look(tape)[1].startswith("▸b")
    steps(tape, "down")
    tape.data = {"c": 3, **tape.data}
    assert look(tape)[3].startswith("▸a")
    steps(tape, "up", "up")
    tape.data = {"d": 4, **tape.data}
    assert look(tape)[1].startswith("▸d")


def test_sort_goes_through_the_columns_and_back_to_the_rows_own_order():
    table = Table({"b": 2, "x": None, "a": 10})
    assert names(look(table)[1:]) == ["b", "x", "a"]
    assert names(steps(table, "sort")[1:]) == ["a", "b", "x"]
    assert look(table)[0].startswith(" name▲")
    assert names(steps(table, "sort")[1:]) == ["x", "b", "a"], "again is the other way"
    assert look(table)[0].startswith(" name▼")
    assert names(steps(table, "sort")[1:]) == ["a", "b", "x"]
    assert look(table)[0].endswith("▼n")
    assert names(steps(table, "sort")[1:]) == ["b", "a", "x"], "what is unknown stays last"
    assert look(table)[0].endswith("▲n")
    assert table.options_now().sort == {"table": "-n"}
    assert names(steps(table, "sort", "sort", "sort", "sort")[1:]) == ["a", "b", "x"]
    table.data["x"] = 11
    assert names(look(table)[1:]) == ["x", "a", "b"]
    assert names(steps(table, "sort", "sort")[1:]) == ["b", "x", "a"]


class Ranked(Table):
    sorted_by = "n"


def test_the_order_in_which_rows_come_is_marked_dim_until_another_is_chosen():
    table = Ranked({"b": 10, "a": 2})

    def mark():
        return [(text, style) for text, style in table.draw(frame())[0] if text in "▲▼" and text]

    assert mark() == [("▼", "muted")]
    steps(table, "sort")
    assert mark() == [("▲", "accent")], "the next is another order than the one that stands"
    steps(table, "sort")
    assert mark() == [("▲", "accent")] and names(look(table)[1:]) == ["a", "b"]
    steps(table, "sort", "sort")
    assert mark() == [("▼", "muted")] and table.options_now().sort == {}


def test_filter_keeps_rows_with_every_word_whatever_the_case():
    table = Table({"Alpha": 1, "beta": 2, "alphabet": 3})
    assert names(steps(table, "filter:ALPHA")[1:]) == ["Alpha", "alphabet"]
    assert names(steps(table, "filter:bet alp")[1:]) == ["alphabet"]
    assert table.note(frame()) == "/bet alp"
    assert steps(table, "filter:zeta")[1].strip() == "nothing matches “zeta”"
    assert len(steps(table, "filter:")) == 4


def test_enter_opens_the_row_under_the_cursor():
    table = Table({"a": 1, "b": 2})
    steps(table, "down")
    assert table.on_action("enter", frame()) == Drill("page", {"key": "b"}, "b")
    assert Table({}).on_action("enter", frame()) is None


def test_a_long_table_keeps_its_labels_in_view_and_marks_the_place():
    table = Table({f"r{i}": i for i in range(20)})
    lines = steps(table, "bottom")
    assert lines[0].split()[0] == "name"
    assert lines[-1].startswith("▸r19") and lines[-1].endswith("▐")
    assert not steps(table, "top")[-1].endswith("▐")


@given(st.integers(1, 30), st.integers(1, 12), st.lists(st.sampled_from(
    ["up", "down", "page_up", "page_down", "top", "bottom", "sort", "filter:1", "filter:"]
), min_size=1, max_size=12))  # fmt: skip
def test_a_row_that_was_moved_to_is_always_in_view(count, height, actions):
    table = Table({f"r{i}": i * 7 % 10 for i in range(count)})
    look(table, height)
    for action in (*actions, "down"):
        lines = steps(table, action, height=height)
        assert len(lines) <= height
        if action in ("down", "bottom", "page_down") and (chosen := table.selected(frame(height))):
            assert sum(line.startswith(f"▸{chosen.key} ") for line in lines) == 1


class Stack(TablePanel):
    name = "stack"

    def sections(self, frame):
        head = [Row("total", {"name": ("total", "sum"), "n": ("9", "sum")})]
        return (
            Section("head", COLUMNS, head, selectable=False),
            Section("one", COLUMNS, [Row(k, {"name": (k, "text")}, {"name": k}) for k in "ba"]),
            Section("two", COLUMNS, [Row(k, {"name": (k, "text")}, {"name": k}) for k in "ed"]),
            Section("none", (), (), "nothing here"),
            Section("hidden", COLUMNS, ()),
        )


def test_tables_stand_on_each_other_with_blanks_where_there_is_room():
    tight = look(Stack(), 9)
    assert [line.strip("▸ ").split(" ")[0] for line in tight] == [
        "name", "total", "name", "b", "a", "name", "e", "d", "nothing",
    ]  # fmt: skip
    assert [i for i, line in enumerate(look(Stack(), 12)) if not line] == [2, 6, 10]


def test_the_cursor_goes_from_table_to_table_and_passes_over_totals():
    stack = Stack()
    assert look(stack, 9)[3].startswith("▸b")
    assert steps(stack, "down", "down", height=9)[6].startswith("▸e")
    assert names(steps(stack, "sort", height=9))[6:8] == ["d", "e"]
    assert names(look(stack, 9))[3:5] == ["b", "a"]


def test_until_someone_moves_what_stands_first_is_shown():
    stack = Stack()
    assert names(look(stack, 2)) == ["name", "total"]
    assert stack.on_action("enter", frame(2)) is None
    assert "▸b" in [line.strip() for line in steps(stack, "down", height=3)]


def test_the_age_shown_is_that_of_the_oldest_figure_still_live():
    class Aging(TablePanel):
        name = "aging"
        columns = COLUMNS

        def rows(self, frame):
            return self.held

    table = Aging()
    ages = ((4_000, False), (9_000, False), (90_000, True))
    table.held = [Row(str(age), {}, age_ms=age, stale=stale) for age, stale in ages]
    assert table.oldest(frame()) == 9_000
    table.changed()
    table.held = table.held[2:]
    assert table.oldest(frame()) == 90_000
    table.changed()
    table.held = [Row("x", {})]
    assert table.oldest(frame()) is None
