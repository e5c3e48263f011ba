"""Panels fill the body, never overlap, and the focused one is always shown."""

from hypothesis import given
from hypothesis import strategies as st

from deskmon.components.panel import Needs
from deskmon.config.schema import Cell, Layout
from deskmon.desk.geometry import BORDERS, SMALLEST_HEIGHT, Rect, place, shares

WEIGHTS = st.lists(st.floats(0.1, 10), min_size=1, max_size=6)


@given(st.integers(0, 400), WEIGHTS)
def test_shares_add_up(total, weights):
    split = shares(total, weights)
    assert sum(split) == total
    assert all(abs(part - total * weight / sum(weights)) < 1 for part, weight in zip(split, weights, strict=True))


NEEDS = st.none() | st.builds(
    lambda least, more, fits: Needs(least, least + more, fits), st.integers(1, 20), st.integers(0, 60), st.booleans()
)


def layout_of(rows, columns):
    cells = tuple(Cell(panel="prices", row=r, column=c) for r in range(rows) for c in range(columns))
    return Layout(rows=(1.0,) * rows, columns=(1.0,) * columns, cells=cells)


@given(
    st.integers(1, 4), st.integers(1, 4), st.integers(20, 300), st.integers(5, 80), st.integers(0, 15),
    st.lists(NEEDS, min_size=16, max_size=16),
)  # fmt: skip
def test_placed_panels_tile_the_body(rows, columns, width, height, focus, needs):
    focus %= rows * columns
    area = Rect(0, 1, width, height)
    placed = place(layout_of(rows, columns), area, focus, lambda index, width: needs[index])
    covered = [(x, y) for r in placed.values() for x in range(r.x, r.x + r.width) for y in range(r.y, r.y + r.height)]
    assert focus in placed
    assert len(covered) == len(set(covered)) == width * height


def test_a_small_terminal_shows_two_halves_and_a_large_one_all():
    cells = tuple(Cell(panel="prices", row=i // 2, column=i % 2) for i in range(4))
    layout = Layout(rows=(1, 1), columns=(1, 1), cells=cells)
    assert place(layout, Rect(0, 1, 60, 22), 2) == {2: Rect(0, 1, 60, 11), 3: Rect(0, 12, 60, 11)}
    assert len(place(layout, Rect(0, 1, 200, 48), 2)) == 4


@given(st.integers(2, 5), st.integers(40, 90), st.lists(NEEDS, min_size=5, max_size=5))
def test_lines_that_a_panel_does_not_need_go_to_those_that_have_more_to_show(rows, height, needs):
    area, layout = Rect(0, 1, 120, height), layout_of(rows, 1)
    before = place(layout, area, 0)
    after = place(layout, area, 0, lambda index, width: needs[index])
    lines = {index: rect.height - BORDERS for index, rect in after.items()}
    known = {index: needs[index] for index in after if needs[index]}
    for index in {*before} - {*known}:
        assert after[index].height == before[index].height, "a chart keeps what its layout gives it"
    low = SMALLEST_HEIGHT - BORDERS
    spare = {i for i, need in known.items() if lines[i] > max(need.all, low)}
    assert not spare or all(lines[i] >= need.all for i, need in known.items())
    more = {i for i, need in known.items() if lines[i] > max(need.least, low)}
    cut = {i for i, need in known.items() if lines[i] < need.least}
    assert not (cut and more), "a table is cut in its first five rows while another has lines beyond its own"


def test_two_panels_stand_beside_each_other_where_both_fit():
    layout, area = layout_of(6, 2), Rect(0, 1, 120, 34)
    wide = {3}

    def asked(index, width):
        return Needs(5, 9, index not in wide)

    pages = [place(layout, area, focus, asked) for focus in range(12)]
    assert all(focus in page for focus, page in enumerate(pages))
    widths = {index: rect.width for page in pages for index, rect in page.items()}
    assert [index for index, width in widths.items() if width == 120] == [2, 3]
    assert place(layout, Rect(0, 1, 90, 34), 0, asked)[0].width == 90, "too narrow for two"
