"""Figures as text: whatever the size, no digit of a price or a sum is lost that the format promises."""

from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon import format as fmt
from deskmon.timeline import parse_duration

sizes = st.floats(-300, 17).map(lambda power: 10**power)


def parsed(text):
    """The number that a reader takes from a text."""
    scale = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}.get(text[-1], 1.0)
    return float(text.rstrip("KMBT").replace(",", "").replace(fmt.MINUS, "-")) * scale


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.963e-10, "0.00000000059630"),
        (-5.963e-10, "−0.00000000059630"),
        (1.2345e-5, "0.000012345"),
        (4.1234e-6, "0.0000041234"),
        (5.963e-13, "5.96300e-13"),
        (0.5, "0.50000"),
        (1.2345, "1.2345"),
        (64_812.5, "64,812.50"),
        (0.0, "0.00"),
        (None, "—"),
    ],
)
def test_prices_of_any_size(value, text):
    assert fmt.price(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.5963, "0.596"), (5.963e-10, "5.96e-10"), (12.345, "12.3"), (629, "629"), (12_345, "12.3K")]
)
def test_sums_of_any_size(value, text):
    assert fmt.amount(value) == text


@given(sizes, st.sampled_from([1, -1]))
def test_a_price_keeps_five_significant_digits(size, sign):
    assert parsed(fmt.price(sign * size)) == pytest.approx(sign * size, rel=0.6e-4)


@given(sizes, st.sampled_from([1, -1]))
def test_a_sum_keeps_three_significant_figures(size, sign):
    assert parsed(fmt.amount(sign * size)) == pytest.approx(sign * size, rel=0.51e-2)


@given(sizes)
def test_no_price_is_wider_than_a_column_can_be(size):
    assert len(fmt.price(size)) <= max(20, 4 + 4 / 3 * log10(size))


@given(st.text(max_size=40))
def test_a_text_for_a_spreadsheet_steers_no_terminal_and_is_no_formula(text):
    cell = fmt.for_spreadsheet(text)
    assert all(char == "\n" or char.isprintable() for char in cell)
    assert not cell.startswith(fmt.FORMULA_SIGNS)
    if text.isprintable() and not text.startswith(fmt.FORMULA_SIGNS):
        assert cell == text


@pytest.mark.parametrize("text", ["=1+1", "＝1+1", "@SUM(A1)", "-2", "\x1b]52;c;ZQ==\x07", "\t=1", "\u202eabc"])
def test_what_a_spreadsheet_or_a_terminal_would_obey_is_written_out(text):
    assert fmt.for_spreadsheet(text) != text


@given(st.integers(0, 400 * 86_400))
def test_a_length_reads_back_as_the_same_duration(seconds):
    words = fmt.length(seconds * 1000)
    assert (parse_duration(words) if seconds else words) == (seconds * 1000 or "0s")
    assert words.startswith(fmt.length(seconds * 1000, 2))


def test_a_length_is_as_a_trader_writes_it():
    assert [fmt.length(ms) for ms in (150_000, 7_200_000, 3_630_999)] == ["2m30s", "2h", "1h30s"]
