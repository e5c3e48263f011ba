"""No collection of garbage holds a loop for long, however many objects stay until the end."""

from __future__ import annotations

import subprocess
import sys

import pytest

COUNTED = """
import gc
from deskmon import garbage

garbage.keep_collections_short()
walked = []
gc.callbacks.append(lambda phase, info: walked.append(
    sum(len(gc.get_objects(each)) for each in range(info["generation"] + 1))) if phase == "start" else None)
"""
"""A process whose collections say how many objects they walk; the callback comes after that of the rule."""


def run(body):
    """What a process of its own prints: the collector is one for a process, and this one's is pytest's too."""
    done = subprocess.run([sys.executable, "-c", COUNTED + body], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("generation", [1, 2])
def test_a_collection_walks_no_more_than_so_many_objects(generation):
    walked, frozen, most = map(int, run(f"""
market = [[each] for each in range(3 * garbage.MOST)]
gc.collect({generation})
print(max(walked), gc.get_freeze_count(), garbage.MOST)
"""))  # fmt: skip
    assert walked <= most
    assert frozen >= 3 * most


def test_what_is_made_while_a_process_runs_is_walked_only_so_far():
    walked, most = map(int, run("""
market = []
for _ in range(60):
    market += [[each] for each in range(20_000)]
print(max(walked), garbage.MOST)
"""))  # fmt: skip
    assert walked <= most


def test_a_few_objects_are_not_frozen_and_their_cycles_are_collected():
    collected, frozen = map(int, run("""
gc.collect()
cycles = [[] for _ in range(1_000)]
for each in cycles:
    each.append(each)
del cycles, each
print(gc.collect(1), gc.get_freeze_count())
"""))  # fmt: skip
    assert collected == 1_000 and frozen == 0


def test_a_frozen_object_that_nobody_refers_to_is_freed():
    left = run("""
import weakref
class Part: ...
market = [Part() for _ in range(2 * garbage.MOST)]
gc.collect(1)
seen = weakref.ref(market[0])
market.clear()
print(seen())
""")
    assert left == ["None"]


def test_the_rule_is_set_once_in_a_process():
    assert run("""
garbage.keep_collections_short()
print(gc.callbacks.count(garbage._freeze_many), *gc.get_threshold())
""") == ["1", "50000", "20", "10"]
