"""Columns leave whole, by priority; figures line up and are never cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskmon.components.columns import (
    Column,
    KeptPlans,
    Place,
    Row,
    header,
    measure,
    never_cut,
    place_text,
    plan,
    row_spans,
)
from deskmon.components.text import shorten

columns = st.lists(
    st.builds(
        Column,
        id=st.uuids().map(str),
        label=st.text("abc", max_size=8),
        width=st.integers(0, 14),
        align=st.sampled_from(["left", "right", "decimal"]),
        priority=st.integers(0, 6),
        least=st.integers(0, 14),
        most=st.integers(0, 40),
    ),
    max_size=9,
)
texts = st.lists(st.sampled_from(["—", "1", "64,812.50", "0.00001234", "−1.20%", "≥1.42B"]), max_size=6)


@given(columns, st.integers(0, 120), st.data())
def test_what_is_shown_fits_and_only_a_text_leaves_before_a_less_important_column(columns, room, data):
    needs = {c.id: measure(c, data.draw(texts)) for c in columns if c.align != "left"}
    shown = plan(columns, needs, room)
    kept = {place.column.id: place for place in shown.places}
    assert sum(p.width for p in kept.values()) + shown.gap * max(0, len(kept) - 1) <= room
    assert [p.column for p in shown.places] == [c for c in columns if c.id in kept]
    for place in kept.values():
        if place.column.align != "left":
            assert place.width >= sum(needs[place.column.id])
    gone = [c for c in columns if c.id not in kept]
    last = max((place.column.priority for place in kept.values()), default=0)
    assert all(c.align == "left" and c.priority for c in gone if c.priority < last)
    if len(kept) > 1:  # a lone column of text is there in what room there is
        assert not {place.column.priority for place in kept.values()} & {c.priority for c in gone} - {0}


@given(columns, st.integers(0, 120))
def test_the_widest_plan_shows_everything(columns, extra):
    needs = {c.id: (5, 3) for c in columns if c.align != "left"}
    room = sum(max(c.width, len(c.label), 8) for c in columns) + len(columns)
    assert len(plan(columns, needs, room + extra).places) == len(columns)


@given(texts.filter(bool))
def test_decimals_stand_under_each_other(texts):
    column = Column("n", "n", 0, "decimal")
    place = plan([column], {"n": measure(column, texts)}, 60).places[0]
    points = {place_text(text, place).index(".") for text in texts if "." in text}
    assert len(points) <= 1
    assert {len(place_text(text, place)) for text in texts} == {place.width}


def test_a_figure_without_a_point_ends_where_the_others_have_theirs():
    place = Place(Column("n", "n", 0, "decimal"), 9, 3)
    assert [place_text(text, place) for text in ("64,812.50", "78", "—", "0.1")] == [
        "64,812.50", "    78   ", "     —   ", "     0.1 ",
    ]  # fmt: skip


def test_text_is_shortened_with_an_ellipsis_and_loses_what_cannot_be_printed():
    assert [shorten("binance", width) for width in (9, 7, 4, 1, 0)] == ["binance", "binance", "bin…", "…", ""]
    assert shorten("a\x1b[2J\nb", 9) == "a·[2J·b"


def test_a_figure_among_text_is_whole_or_not_there():
    place = Place(Column("n", "n", 6), 6)
    assert place_text(never_cut("39,916.80"), place) == "…     "
    assert place_text(never_cut("39,916"), place) == "39,916"


def test_needs_only_grow_so_that_nothing_jitters():
    column = Column("n", "n", 0, "decimal")
    known = measure(column, ["64,812.50"])
    assert measure(column, ["7.123456"], known) == (6, 7)
    assert measure(column, ["9"], known) == known


def test_labels_stand_over_their_figures_and_name_the_sorted_column():
    shown = plan([Column("s", "symbol", 8, order="up"), Column("n", "last", 9, "right", order="down")], {}, 40)
    assert "".join(text for text, _ in header(shown)) == "symbol         last "
    assert "".join(text for text, _ in header(shown, "n")) == "symbol        ▼last "
    assert "".join(text for text, _ in header(shown, "s")) == "symbol▲        last "


def test_the_mark_finds_room_in_the_gap_and_moves_nothing():
    tight = plan([Column("s", "ab", 2, order="up"), Column("n", "cd", 2, "right", order="down")], {}, 5)
    assert "".join(text for text, _ in header(tight)) == "ab cd "
    assert "".join(text for text, _ in header(tight, "s")) == "ab▲cd "
    assert "".join(text for text, _ in header(tight, "n")) == "ab▼cd "


def test_a_stale_row_dims_and_shows_its_age_even_without_its_column():
    row = Row(
        "BTC", {"s": ("BTC", "accent"), "n": ("1.5", "up flash"), "age": ("12m", "faint")}, age_ms=720_000, stale=True
    )
    columns = [Column("s", "", 8), Column("n", "", 4, "right"), Column("age", "", 4, "right", 9)]
    with_age, without = (row_spans(plan(columns, {}, room), row) for room in (20, 13))
    assert "".join(text for text, _ in with_age) == "BTC        1.5   12m"
    assert "".join(text for text, _ in without) == "BTC  12m  1.5"[:8] + "  1.5"
    assert {style for text, style in with_age + without if text.strip()} == {"stale"}


def test_a_bid_leaves_with_its_ask():
    sums = [Column(name, name, 5, "right", priority) for name, priority in (("bid", 1), ("ask", 1), ("spread", 2))]
    columns = [Column("venue", "venue", 7), *sums]
    shown = {room: [place.column.id for place in plan(columns, {}, room).places] for room in (18, 19, 26)}
    assert shown == {18: ["venue"], 19: ["venue", "bid", "ask"], 26: ["venue", "bid", "ask", "spread"]}


def shown_in(columns, room):
    return {place.column.id: place.width for place in plan(columns, {}, room).places}


def test_a_text_wider_than_the_room_takes_no_narrower_column_with_it_and_no_room_from_the_texts_beside_it():
    columns = [
        Column("feed", "feed", 8, least=5), Column("age", "age", 4, "right", 1),
        Column("words", "words", 24, priority=2),
        Column("rate", "/s", 6, "right", 3), Column("lag", "lag", 6, "right", 4),
    ]  # fmt: skip
    assert shown_in(columns, 35) == {"feed": 5, "age": 4, "words": 24}
    assert shown_in(columns, 34) == {"feed": 8, "age": 4, "rate": 6, "lag": 6}
    assert shown_in(columns, 20) == {"feed": 8, "age": 4, "rate": 6}
    assert shown_in(columns, 19) == {"feed": 8, "age": 4}


def test_no_figure_is_shown_without_the_one_that_it_tells_more_of_and_nothing_without_what_a_table_is_about():
    change = Column("change", "Δ24h", 4, "right", 2)
    assert shown_in([Column("name", "name", 4), Column("value", "value", 9, "right", 1), change], 12) == {"name": 4}
    assert shown_in([Column("in", "in", 4), Column("event", "event", 20), change], 14) == {"in": 4}


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2), st.integers(0, 9), st.integers(5, 40)), max_size=12)
)
def test_plans_and_headers_that_were_kept_are_those_that_would_be_made(looks):
    kept, sets = KeptPlans(), [[Column("x", "x", 4)], [Column("x", "long label", 4), Column("y", "y", 3, "right")], []]
    for table, number, need, room in looks:
        columns, needs = sets[number], {"x": (need, 0), "y": (need + 1, 0)}
        made = plan(columns, needs, room)
        assert kept.plan(table, columns, needs, room) == made
        assert kept.header(table, made, "x", need > 5, "muted") == header(made, "x", need > 5, "muted")
