"""Panels fill the body, never overlap, and the focused one is always shown."""

from hypothesis import given
from hypothesis import strategies as st

from deskmon.config.schema import Cell, Layout
from deskmon.screen.geometry import Rect, place, shares

WEIGHTS = st.lists(st.floats(0.1, 10), min_size=1, max_size=6)


@given(st.integers(0, 400), WEIGHTS)
def test_shares_add_up(total, weights):
    split = shares(total, weights)
    assert sum(split) == total
    assert all(abs(part - total * weight / sum(weights)) < 1 for part, weight in zip(split, weights, strict=True))


@given(st.integers(1, 4), st.integers(1, 4), st.integers(20, 300), st.integers(5, 80), st.data())
def test_placed_panels_tile_the_body(rows, columns, width, height, data):
    cells = tuple(Cell(panel="prices", row=r, column=c) for r in range(rows) for c in range(columns))
    focus = data.draw(st.integers(0, len(cells) - 1))
    area = Rect(0, 1, width, height)
    placed = place(Layout(rows=(1.0,) * rows, columns=(1.0,) * columns, cells=cells), area, focus)
    covered = [(x, y) for r in placed.values() for x in range(r.x, r.x + r.width) for y in range(r.y, r.y + r.height)]
    assert focus in placed
    assert len(covered) == len(set(covered)) == width * height


def test_a_small_terminal_shows_two_halves_and_a_large_one_all():
    cells = tuple(Cell(panel="prices", row=i // 2, column=i % 2) for i in range(4))
    layout = Layout(rows=(1, 1), columns=(1, 1), cells=cells)
    assert place(layout, Rect(0, 1, 60, 22), 2) == {2: Rect(0, 1, 60, 11), 3: Rect(0, 12, 60, 11)}
    assert len(place(layout, Rect(0, 1, 200, 48), 2)) == 4
