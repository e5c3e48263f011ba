"""What counts without asking for thresholds counts the same by any of them."""

from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.baseline import QuietStatistics
from deskmon.analytics.wave_detector import Detector
from deskmon.analytics.wave_levels import Least, Parameters, burst_threshold

T = 1_767_225_600_000
USD = 1_000_000

parameters = st.builds(
    Parameters,
    enter=st.floats(3.0, 1_000.0), leave=st.floats(0.001, 3.0), floor_share=st.floats(0.0, 1.0),
    floor_rare=st.floats(0.0, 100.0), least_usd=st.floats(1.0, 1e12), fewest_orders=st.integers(1, 100),
    prior_usd=st.floats(1.0, 1e12),
)  # fmt: skip
amounts = st.floats(0.0, 1e18)
statistics = st.builds(
    QuietStatistics, median=st.integers(0, 10**18), sigma=amounts, rare=amounts, daily=amounts,
    known=st.integers(6, 2_160), doubt=st.floats(1.0, 4.0),
)  # fmt: skip


@given(st.none() | statistics, parameters, st.booleans())
def test_no_threshold_is_below_the_least(usual, parameters, provisional):
    threshold, least = burst_threshold(usual, provisional, parameters), Least.of(parameters)
    assert threshold.leave >= least.leave
    assert threshold.cap >= least.cap


def test_a_detector_goes_on_by_the_thresholds_of_the_checkpoint_it_began_with():
    small, large = Parameters(least_usd=1.0, prior_usd=1.0), Parameters(least_usd=1e9)
    before, after = Detector(small), Detector(large)
    before.listen(T)
    before.add(T + 1, ("binance", "BTC/USDT:USDT", "long"), USD)
    after.restore(before.checkpoint())
    for detector in (before, after):
        detector.add(T + 2, ("binance", "BTC/USDT:USDT", "long"), 1_000 * USD)
    assert before.checkpoint()["tallies"] == after.checkpoint()["tallies"]
    assert before.checkpoint()["tallies"][-1][1:] == [1_001 * USD, 400_000, 400_000], "a fifth of a dollar is the cap"
