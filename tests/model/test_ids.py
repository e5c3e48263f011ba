"""Ids that were seen: so many are known at least, few more are held, a snapshot carries them, and they are small."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.events.columns import as_text
from deskmon.model.liquidations import IDS
from deskmon.model.recent import CHUNKS, Ids
from tests.length import length

CAPACITY = 8
IDENTITIES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30).map(str)), max_size=120)
ANOTHER_PROCESS = r"""
import json, sys
from deskmon.model.recent import Ids
ids = Ids(8)
ids.restore(json.loads(sys.argv[1]))
print([ids.new("a", id) for id in ("4711", "4712", "0x8f-sell", "номер 5", "\ud800")])
"""


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
        held = len(ids.checkpoint()[venue])
        assert min(len(seen), CAPACITY) <= held <= CAPACITY * (CHUNKS + 1) // CHUNKS


def test_an_item_without_an_id_is_new_each_time():
    ids = Ids(CAPACITY)
    assert ids.new("a", None)
    assert ids.new("a", None)


def test_what_is_new_is_the_same_in_every_process():
    """A screen takes in a checkpoint that its hub wrote, and both judge what comes then."""
    ids = Ids(CAPACITY)
    for id in ("4711", "0x8f-sell", "номер 5", "\ud800"):
        assert ids.new("a", id)
    written = msgspec.json.encode(ids.checkpoint(), enc_hook=as_text).decode()
    asked = [sys.executable, "-c", ANOTHER_PROCESS, written]
    said = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert said.stdout == "[False, True, False, False, False]\n"


@given(st.sets(st.text(st.characters(exclude_categories=()), min_size=1, max_size=40), max_size=30))
def test_different_ids_are_different(known):
    ids = Ids(IDS)
    assert all(ids.new("a", id) for id in sorted(known))


SHAPES = (
    lambda draw, at: f"BTC/USD:USD#{66_000_000 + at // 3:08x}{draw.randint(0, 40):08x}{draw.randint(0, 12):08x}",
    lambda draw, at: f"A{draw.randint(0, 299)}/USDT:USDT#{4_501_078 + at}",
    lambda draw, at: (
        f"ETH/USDT:USDT#{1_760_000_000_000 + at * 100}-long-{3_500 + draw.randint(-200, 200) / 10}-{at % 9}"
    ),
    lambda draw, at: f"{draw.choice('ab')}{'0' * draw.randint(0, 60)}{at}",
)
"""Ids as venues make them: counters side by side, in hexadecimal, behind a symbol, of a time and a price."""


@pytest.mark.parametrize("shape", SHAPES)
def test_ids_that_differ_in_few_places_are_different(shape):
    ids, draw = Ids(IDS), Random(1)
    known = {shape(draw, at) for at in range(length(20_000, 200_000))}
    assert [id for id in sorted(known) if not ids.new("a", id)] == []


@given(st.text(st.characters(exclude_categories=()), max_size=40), st.integers(0, 60), st.integers(1, 60), st.data())
def test_ids_that_differ_in_two_places_are_different(text, first, further, data):
    """By a prime of which 256 has a small order they wouldn't be."""
    places = sorted({*data.draw(st.lists(st.integers(0, 59), min_size=2, max_size=2)), first % 60})
    base, ids = list(text.ljust(60, "0")[:60]), Ids(IDS)
    assert ids.new("a", "".join(base))
    other = [chr((ord(each) + further) % 0x3000) if at in places else each for at, each in enumerate(base)]
    assert ids.new("a", "".join(other)) == (other != base)


@pytest.mark.parametrize("data", [None, {"a": 5}, [["x"]]])
def test_other_data_is_refused(data):
    with pytest.raises((AttributeError, TypeError, ValueError, LookupError)):
        Ids(CAPACITY).restore(data)


def test_older_ids_take_less_than_a_tenth_of_what_each_would_take_in_a_dict():
    ids, plain = Ids(IDS), {f"{number:016}": None for number in range(IDS)}
    for id in plain:
        ids.new("binance", id)
    seen = ids._seen["binance"]
    held = sum(sys.getsizeof(chunk) for chunk in seen._chunks)
    assert not seen.newest, "all of them stand packed"
    assert 10 * held < sys.getsizeof(plain) + sum(map(sys.getsizeof, plain))
