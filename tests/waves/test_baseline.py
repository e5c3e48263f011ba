"""What is usual equals a direct computation from all buckets."""

import math
from statistics import median_high

from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.baseline import DAY_BUCKETS, RARITY, SIGMA, UNJUDGED, WARM_UP, WAVES_COUNT, Baseline

totals = st.sampled_from([0, 0, 0, 1]) | st.integers(0, 10**12)
FIRST = 1_000_000 * 60


def usual_of(kept, capacity, last):
    """From (bucket, total, quiet) of all that was taken; the third of a total counts."""
    window = [total // 3 for _, total, quiet in kept if quiet][-capacity:]
    middle = median_high(window)
    day = [each for each in kept if each[0] // 60 > last // 60 - DAY_BUCKETS // 60]
    quiet = [total for _, total, is_quiet in day if is_quiet]
    volume = sum(quiet) * DAY_BUCKETS / max(len(quiet), WARM_UP)
    waves = sum(total for _, total, is_quiet in day if not is_quiet)
    judged = [bucket for bucket, _, is_quiet in kept if is_quiet][UNJUDGED:]
    ranked = sorted((total // 3 for bucket, total, is_quiet in day if is_quiet and bucket in judged), reverse=True)
    rank = len(quiet) // RARITY
    rare = ranked[rank] if rank < len(ranked) else 0.0
    return middle, SIGMA * median_high(abs(total - middle) for total in window), rare, volume + WAVES_COUNT * waves


@given(
    st.lists(st.tuples(totals, st.booleans() | st.just(True)), min_size=WARM_UP, max_size=120),
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
            baseline.note(bucket, total)
        kept.append((bucket, total, quiet))
    usual = baseline.usual()
    if sum(quiet for *_, quiet in kept) < WARM_UP:
        assert usual is None
        return
    if not any(quiet and bucket // 60 > kept[-1][0] // 60 - DAY_BUCKETS // 60 for bucket, _, quiet in kept):
        return
    middle, sigma, rare, daily = usual_of(kept, capacity, kept[-1][0])
    assert (usual.median, usual.daily) == (middle, daily)
    assert math.isclose(usual.sigma, sigma)
    assert rare <= usual.rare * (1 + 1e-9)
    assert usual.rare <= rare * 2**0.25 * (1 + 1e-9)


@given(st.lists(totals, min_size=30, max_size=60), st.integers(0, 20_000))
def test_leaping_over_silence_is_stepping_through_it(before, silence):
    leaping, stepping = Baseline(30), Baseline(30)
    for each in (leaping, stepping):
        for number, total in enumerate([*before, *[0] * 30]):
            each.add(FIRST + number, total, total)
    assert leaping.silent
    start = FIRST + len(before) + 30
    leaping.skip(start, start + silence)
    for bucket in range(start, start + silence):
        stepping.add(bucket, 0, 0)
    for each in (leaping, stepping):
        each.add(start + silence, 7, 7)
    assert leaping.usual() == stepping.usual()
    assert leaping.checkpoint() == stepping.checkpoint()
