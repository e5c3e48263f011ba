"""A hub that is killed under load loses what it named, and nothing else: the short form of `benchmarks.restart`."""

from __future__ import annotations

from benchmarks.restart import run
from tests.length import length


async def test_a_killed_hub_counts_all_but_the_named_gap_as_one_that_never_stopped(tmp_path):
    outcome = await run(tmp_path, kills=length(1, 10), seconds=1.0)
    assert outcome.unequal == []
    assert outcome.events > 2_000
