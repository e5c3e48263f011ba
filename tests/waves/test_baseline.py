"""What is usual equals a direct computation from all buckets."""

import math
from statistics import median_high

from hypothesis import example, given
from hypothesis import strategies as st

from deskmon.analytics.baseline import AFTERSHOCKS, DAY_BUCKETS, FEW, OWN, RARITY, RECENT, SIGMA, UNJUDGED, Baseline

totals = st.sampled_from([0, 0, 0, 1]) | st.integers(0, 10**12)
FIRST = 1_000_000 * 60


def usual_of(kept, capacity, last):
    """From (bucket, total, quiet) of all that was taken; the third of a total counts."""
    window = [total // 3 for _, total, quiet in kept if quiet][-capacity:]
    middle = median_high(window)
    newest = max((bucket for bucket, _, is_quiet in kept if is_quiet), default=last)
    day = [each for each in kept if each[0] // 60 > newest // 60 - DAY_BUCKETS // 60]
    quiet = [total for _, total, is_quiet in day if is_quiet]
    volume = sum(quiet) * DAY_BUCKETS / max(len(quiet), OWN)
    waves = sum(total for bucket, total, is_quiet in kept if not is_quiet and last - bucket <= AFTERSHOCKS)
    judged = [bucket for bucket, _, is_quiet in kept if is_quiet][UNJUDGED:]
    ranked = sorted((total // 3 for bucket, total, is_quiet in day if is_quiet and bucket in judged), reverse=True)
    rank = len(quiet) // RARITY
    rare = ranked[rank] if rank < len(ranked) else 0.0
    return middle, SIGMA * median_high(abs(total - middle) for total in window), rare, volume + waves


@given(
    st.lists(st.tuples(totals, st.booleans() | st.just(True)), min_size=OWN, max_size=120),
    st.integers(1, 400), st.sampled_from([30, 60]),
)  # fmt: skip
def test_median_deviation_rarity_and_volume_equal_a_direct_computation(taken, stride, capacity):
    baseline = Baseline(capacity)
    kept = []
    for number, (total, quiet) in enumerate(taken):
        bucket = FIRST + number * stride
        if quiet:
            baseline.add(bucket, total, total // 3)
        else:
            baseline.note(bucket, total)  # a wave of one bucket
        if kept or total or not quiet:  # silence before the first liquidation tells nothing
            kept.append((bucket, total, quiet))
    usual = baseline.sample(kept[-1][0]).statistics() if kept else None
    if sum(quiet for *_, quiet in kept) < FEW:
        assert usual is None
        return
    if not any(quiet and bucket // 60 > kept[-1][0] // 60 - DAY_BUCKETS // 60 for bucket, _, quiet in kept):
        return
    middle, sigma, rare, daily = usual_of(kept, capacity, kept[-1][0])
    assert (usual.median, usual.daily) == (middle, daily)
    assert math.isclose(usual.sigma, sigma)
    assert rare <= usual.rare * (1 + 1e-9)
    assert usual.rare <= rare * 2**0.25 * (1 + 1e-9)


@given(
    st.lists(totals, min_size=1, max_size=90), st.lists(totals, max_size=60), st.integers(0, 2 * RECENT),
    st.integers(1, 10**12),
)  # fmt: skip
def test_withdrawing_is_never_having_taken(before, lately, back, least):
    withdrawn, without = Baseline(60), Baseline(60)
    taken = [(FIRST + number, total) for number, total in enumerate([5, *[1] * UNJUDGED, *before, *lately])]
    since = max(taken[-1][0] - back, taken[-1][0] - RECENT + 1)
    for bucket, total in taken:
        withdrawn.add(bucket, total, total)
        if bucket < since or total < least:
            without.add(bucket, total, total)
    withdrawn.withdraw(since, least)
    usual, wanted = withdrawn.sample(taken[-1][0]).statistics(), without.sample(taken[-1][0]).statistics()
    gone = len(taken) - without.known
    assert withdrawn.known == without.known
    if wanted is None and len(taken) <= 60:
        assert usual is None
    if wanted is None or usual is None:
        assert min(len(taken), 60) - gone < FEW
        return
    assert (usual.rare, usual.daily, usual.doubt) == (wanted.rare, wanted.daily, wanted.doubt)
    # The window of an hour that lost the oldest to those can't have them back.
    if len(taken) <= 60 or gone == 0:
        assert (usual.median, usual.sigma) == (wanted.median, wanted.sigma)
    assert usual.known >= wanted.known - gone


def test_silence_before_the_first_liquidation_is_no_calm():
    baseline = Baseline(60)
    for bucket in range(FIRST, FIRST + 500):
        baseline.add(bucket, 0, 0)
    baseline.skip(FIRST + 500, FIRST + 10_000)
    assert (baseline.known, baseline.sample(FIRST + 10_000).statistics()) == (0, None)


def test_a_wave_counts_for_fifty_minutes_after_its_end():
    baseline = Baseline(60)
    for bucket in range(FIRST, FIRST + 30):
        baseline.add(bucket, 100, 100)
    calm = baseline.sample(FIRST + 29).statistics().daily
    baseline.note(FIRST + 30, 10**9)
    for bucket in range(FIRST + 43, FIRST + 31 + AFTERSHOCKS):
        baseline.add(bucket, 100, 100)
        assert baseline.sample(bucket).statistics().daily == calm + 10**9
    baseline.add(FIRST + 31 + AFTERSHOCKS, 100, 100)
    assert baseline.sample(FIRST + 31 + AFTERSHOCKS).statistics().daily == calm


@given(st.lists(totals, max_size=60), st.integers(0, 100) | st.integers(0, 20_000), st.lists(totals, max_size=9))
def test_leaping_over_silence_is_stepping_through_it(before, silence, after):
    leaping, stepping = Baseline(30), Baseline(30)
    start = FIRST + len(before)
    for each in (leaping, stepping):
        for bucket, total in enumerate(before, FIRST):
            each.add(bucket, total, total)
        each.sample(start).statistics()
    leaping.skip(start, start + silence)
    for bucket in range(start, start + silence):
        stepping.add(bucket, 0, 0)
    for bucket, total in enumerate([0, *after], start + silence):
        assert leaping.sample(bucket).statistics() == stepping.sample(bucket).statistics()
        for each in (leaping, stepping):
            each.add(bucket, total, total)
    assert leaping.checkpoint() == stepping.checkpoint()


STEPS = st.lists(totals | st.sampled_from(("minutes", "day", "withdraw")), max_size=30)
LEAPS = {"minutes": 70, "day": 8_500}
"""Empty buckets."""


@given(STEPS)
@example(["day", "minutes"])
def test_what_is_kept_of_the_statistics_is_what_all_buckets_give(steps):
    baseline, bucket = Baseline(30), FIRST
    for step in [*range(1_000, 81_000, 1_000), *steps]:
        if step == "withdraw":
            baseline.withdraw(bucket - 5, 1_000)
        elif isinstance(step, str):
            baseline.skip(bucket, bucket + LEAPS[step])
            bucket += LEAPS[step]
        else:
            baseline.add(bucket, step, step)
            bucket += 1
        kept = baseline.sample(bucket).statistics()
        if bucket >= FIRST + 80:
            anew = Baseline(30)
            anew.restore(baseline.checkpoint())
            assert kept == anew.sample(bucket).statistics()
