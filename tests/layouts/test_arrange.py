"""Changes of a layout: whatever is done, in whatever order, panels neither overlap nor leave the grid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.config.arrange import Refused, add, areas, lines, move, remove, resize, swap
from deskmon.config.loading import load
from deskmon.config.schema import Cell, Layout
from deskmon.config.sources import PACKAGED
from tests.length import examples

SIDES = ("left", "right", "up", "down")
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 9), st.sampled_from(("right", "down", "left", "up"))),
        st.tuples(st.just("remove"), st.integers(0, 9), st.none()),
        st.tuples(st.just("swap"), st.integers(0, 9), st.integers(0, 9)),
        st.tuples(
            st.just("resize"), st.integers(0, 9), st.sampled_from(((0, 1), (0, -1), (1, 1), (1, -1), (0, 5), (1, -5)))
        ),
        st.tuples(st.just("move"), st.integers(0, 9), st.sampled_from(SIDES)),
    ),
    max_size=25,
)


def done(layout: Layout, kind: str, index: int, extra) -> Layout:
    """One change; the layout as it was where it is refused."""
    count = len(layout.cells)
    index = index % count if count else 0
    try:
        if kind == "add":
            return add(layout, index if count else None, Cell(panel=f"p{count}"), extra)
        if not count:
            return layout
        if kind == "remove":
            return remove(layout, index)
        if kind == "swap":
            return swap(layout, index, extra % count)
        if kind == "resize":
            return resize(layout, index, *extra)
        return move(layout, index, extra)
    except Refused as words:
        assert str(words)
        return layout


def taken(layout: Layout) -> dict[tuple[int, int], int]:
    """Which panel has each place of the grid, counted one by one. Fails where two do, or one stands outside."""
    places: dict[tuple[int, int], int] = {}
    for index, cell in enumerate(layout.cells):
        assert cell.rows >= 1 and cell.columns >= 1
        for row in range(cell.row, cell.row + cell.rows):
            for column in range(cell.column, cell.column + cell.columns):
                assert row < len(layout.rows) and column < len(layout.columns)
                assert (row, column) not in places
                places[row, column] = index
    return places


def shape(layout: Layout) -> list[tuple[str, float, float, float, float]]:
    """Panels with their areas as parts of the whole."""
    across, down = (axis[-1] for axis in lines(layout))
    return [
        (
            cell.panel,
            *(pytest.approx(line / across, abs=2e-4) for line in x),
            *(pytest.approx(y_ / down, abs=2e-4) for y_ in y),
        )
        for cell, (x, y) in zip(layout.cells, areas(layout), strict=True)
    ]


def room(layout: Layout) -> float:
    """How much of the desk has panels, as a part of the whole."""
    across, down = (axis[-1] for axis in lines(layout))
    return sum(x.length * y.length for x, y in areas(layout)) / across / down


@st.composite
def layouts(draw) -> Layout:
    """A layout built from nothing, or the packaged one, after some changes."""
    layout = draw(
        st.sampled_from(
            (Layout(), load(PACKAGED).config.layouts["default"], Layout(rows=(0.1, 0.2, 7), columns=(1 / 3,) * 3))
        )
    )
    for operation in draw(OPERATIONS):
        layout = done(layout, *operation)
    return layout


@given(layouts(), OPERATIONS)
@examples(50, 150)
def test_no_change_makes_panels_overlap_or_leave_the_grid(layout, operations):
    for operation in operations:
        layout = done(layout, *operation)
        taken(layout)
        assert all(weight > 0 for weight in (*layout.rows, *layout.columns))


@given(OPERATIONS)
def test_without_a_removal_the_desk_stays_full(operations):
    layout = add(Layout(), None, Cell(panel="first"), "right")
    for kind, index, extra in operations:
        if kind not in ("remove", "move"):
            layout = done(layout, kind, index, extra)
            assert len(taken(layout)) == len(layout.rows) * len(layout.columns)


@given(layouts(), OPERATIONS, st.integers(0, 9))
def test_a_pinned_panel_stays_where_it_is_whatever_is_done(layout, operations, chosen):
    if not layout.cells:
        return
    chosen %= len(layout.cells)
    cells = [
        Cell(**{f: getattr(c, f) for f in c.__struct_fields__} | {"pinned": i == chosen, "panel": f"q{i}"})
        for i, c in enumerate(layout.cells)
    ]
    layout = Layout(rows=layout.rows, columns=layout.columns, cells=tuple(cells))
    before = {entry[0]: entry for entry in shape(layout)}[f"q{chosen}"]
    for operation in operations:
        layout = done(layout, *operation)
        now = {entry[0]: entry for entry in shape(layout)}
        assert now[f"q{chosen}"] == before


@given(layouts(), st.integers(0, 9), st.sampled_from(SIDES))
def test_the_room_of_what_was_added_is_taken_again_when_it_leaves(layout, index, side):
    if not layout.cells:
        return
    try:
        more = add(layout, index % len(layout.cells), Cell(panel="new"), side)
    except Refused:
        return
    less = remove(more, len(more.cells) - 1)
    assert [cell.panel for cell in more.cells] == [*(cell.panel for cell in layout.cells), "new"]
    assert [cell.panel for cell in less.cells] == [cell.panel for cell in layout.cells]
    assert room(more) == pytest.approx(room(layout)) == room(less)


@given(layouts(), st.integers(0, 9), st.integers(0, 9))
def test_a_swap_twice_changes_nothing(layout, one, other):
    if layout.cells:
        one, other = one % len(layout.cells), other % len(layout.cells)
        assert swap(swap(layout, one, other), one, other) == layout


def two() -> Layout:
    return add(add(Layout(), None, Cell(panel="a"), "right"), 0, Cell(panel="b"), "right")


def test_an_edge_moves_by_steps_and_takes_its_neighbours_along():
    three = add(two(), 1, Cell(panel="c"), "down")
    wider = resize(three, 0, 0, 4)
    assert [round(x.start, 6) for x, _ in areas(wider)] == [0, 0.6, 0.6]
    assert resize(wider, 0, 0, -4) == three
    taller = resize(three, 2, 1, 2)
    assert areas(taller)[2][1].start == pytest.approx(0.5 - 2 / 24, abs=1e-4)
    assert areas(taller)[0] == areas(three)[0]


def test_an_edge_takes_the_place_of_a_line_that_it_comes_near():
    layout = Layout(
        rows=(1, 1),
        columns=(0.49, 0.03, 0.48),
        cells=(
            Cell(panel="a"),
            Cell(panel="b", column=1, columns=2),
            Cell(panel="c", row=1, columns=2),
            Cell(panel="d", row=1, column=2),
        ),
    )
    assert areas(resize(layout, 0, 0, 1))[0][0].end == 0.52


def test_an_edge_stops_before_a_panel_is_gone():
    layout = two()
    with pytest.raises(Refused, match="b is as small as it gets"):
        for _ in range(40):
            layout = resize(layout, 0, 0, 1)
    assert areas(layout)[1][0].length == pytest.approx(0.05)
    with pytest.raises(Refused, match="a has all the height"):
        resize(layout, 0, 1, 1)


def test_a_move_goes_past_a_neighbour_into_a_neighbour_and_along_the_edge():
    a_b = resize(two(), 0, 0, 10)
    assert [x for x, _ in areas(move(a_b, 0, "right"))] == [(0.25, 1.0), (0.0, 0.25)]
    three = add(two(), 1, Cell(panel="c"), "down")
    moved = move(three, 2, "left")
    assert areas(moved)[2] == ((0.25, 0.5), (0.0, 1.0)) and areas(moved)[1][1] == (0.0, 1.0)
    strip = move(three, 0, "down")
    assert areas(strip)[0] == ((0.0, 1.0), (0.5, 1.0))
    with pytest.raises(Refused, match="the edge of the desk"):
        move(strip, 0, "down")


def test_a_move_goes_into_free_room():
    layout = Layout(columns=(1, 1, 1), cells=(Cell(panel="a"),))
    assert areas(move(layout, 0, "right"))[0][0] == (2, 3)
    assert areas(move(move(layout, 0, "right"), 0, "left")) == areas(layout)


def test_a_removed_panel_s_room_goes_to_the_neighbours_that_fit():
    three = add(two(), 1, Cell(panel="c"), "down")
    assert areas(remove(three, 0)) == [((0.0, 1.0), (0.0, 0.5)), ((0.0, 1.0), (0.5, 1.0))]
    assert areas(remove(three, 1))[1] == ((0.5, 1.0), (0.0, 1.0))


def test_the_grid_of_the_file_stays_where_it_serves():
    default = load(PACKAGED).config.layouts["default"]
    swapped = swap(default, 0, 1)
    assert (swapped.rows, swapped.columns) == (default.rows, default.columns)
    assert [cell.panel for cell in swapped.cells] == [cell.panel for cell in default.cells]


@pytest.mark.parametrize("change", [
    lambda layout: remove(layout, 0), lambda layout: swap(layout, 0, 1), lambda layout: swap(layout, 1, 0),
    lambda layout: resize(layout, 0, 0, 1), lambda layout: resize(layout, 1, 0, 1),
    lambda layout: move(layout, 0, "right"), lambda layout: move(layout, 1, "left"),
    lambda layout: add(layout, 0, Cell(panel="c"), "down"),
    lambda layout: move(layout, 1, "down"),
])  # fmt: skip
def test_a_pinned_panel_refuses_in_words(change):
    a, b = two().cells
    pinned = Layout(columns=(1, 1), cells=(Cell(panel="a", pinned=True), b))
    assert a.panel == "a"
    with pytest.raises(Refused, match="a is pinned"):
        change(pinned)
