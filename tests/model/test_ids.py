"""Ids that were seen: so many are known at least, few more are held, a snapshot carries them, and they are small."""

from __future__ import annotations

import json
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.model.liquidations import IDS
from deskmon.model.recent import CHUNKS, Ids

CAPACITY = 8
IDENTITIES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30).map(str)), max_size=120)


def _again(ids: Ids) -> Ids:
    """What a screen knows that comes late."""
    fresh = Ids(CAPACITY)
    fresh.restore(ids.checkpoint())
    return fresh


@given(IDENTITIES, st.integers(0, 120))
def test_the_newest_are_known_and_what_was_never_seen_is_new(sent, handed_over):
    ids, known = Ids(CAPACITY), {"a": list[str](), "b": list[str]()}
    for number, (venue, id) in enumerate(sent):
        if number == handed_over:
            ids = _again(ids)
        seen = known[venue]
        is_new = ids.new(venue, id)
        if is_new:
            assert id not in seen[-CAPACITY:]
            seen.append(id)
        else:
            assert id in seen[-CAPACITY * (CHUNKS + 1) // CHUNKS :]
        held = json.loads(msgspec.json.encode(ids.checkpoint()))[venue]
        assert held == seen[len(seen) - len(held) :]
        assert len(held) <= CAPACITY * (CHUNKS + 1) // CHUNKS


def test_an_item_without_an_id_is_new_each_time():
    ids = Ids(CAPACITY)
    assert ids.new("a", None)
    assert ids.new("a", None)


@pytest.mark.parametrize("data", [None, {"a": 5}, [["x"]]])
def test_other_data_is_refused(data):
    with pytest.raises((AttributeError, TypeError, ValueError, LookupError)):
        Ids(CAPACITY).restore(data)


def test_older_ids_take_less_than_a_third_of_what_each_would_take_in_a_dict():
    ids, plain = Ids(IDS), {f"{number:016}": None for number in range(IDS)}
    for id in plain:
        ids.new("binance", id)
    seen = ids._seen["binance"]
    held = sum(sys.getsizeof(packed) + sys.getsizeof(hashes) for packed, hashes in seen._chunks)
    assert not seen.newest, "all of them stand packed"
    assert 3 * held < sys.getsizeof(plain) + sum(map(sys.getsizeof, plain))
