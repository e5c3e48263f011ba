"""A packed column is the column again, long or short, and what is none is refused."""

import zlib
from array import array
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.events.columns import MOST_BYTES, pack, unpack


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40))
def test_a_packed_column_is_the_column_again(values):
    column = array("q", values)
    assert unpack("q", pack(column)) == column


def test_a_short_column_is_stored_as_it_is_and_a_long_one_compressed():
    assert len(pack(array("d", [1.5] * 32))) < 360
    assert len(pack(array("d", [1.5] * 3_200))) < 360


@pytest.mark.parametrize("text", ["", "=A", "=AAAA", "AAAA", "=\u00e9", "=" + "A" * 13, "x\n"])
def test_what_is_no_packed_column_is_refused(text):
    with pytest.raises(ValueError):
        unpack("d", text)


def test_a_text_that_would_fill_the_memory_is_refused_and_so_is_half_of_one():
    bomb = b64encode(zlib.compress(bytes(MOST_BYTES + 8), 9)).decode()
    assert len(bomb) < MOST_BYTES / 500
    with pytest.raises(ValueError, match="too large"):
        unpack("d", bomb)
    assert len(unpack("d", b64encode(zlib.compress(bytes(MOST_BYTES), 9)).decode())) == MOST_BYTES // 8
    half = b64encode(zlib.compress(array("d", range(1_000)).tobytes())[:-20]).decode()
    with pytest.raises(ValueError, match="cut off"):
        unpack("d", half)
