"""What each parameter of `[waves]` trades: the measures of `python -m benchmarks.waves` with one of them changed.

    python -m benchmarks.wave_parameters      a table; a quarter of an hour

Three calm markets, the same seeds in every row. *false*: waves in 30 calm days. *found*: cascades called within 30 s,
and the median time to the call. *waves*: how many waves these cascades became. *lasted*: the median length of a wave.
*two*: pairs of cascades ten minutes apart that count as two. *late*: desks started at a cascade's first order that call
it in time. *alarms*: desks started in a calm market that call a wave in their first ten minutes.
"""

from __future__ import annotations

from statistics import median

from benchmarks.late_start import alarms, in_time
from benchmarks.market import CALMS
from benchmarks.waves import WITHIN, false_waves, injected, pair
from deskmon.analytics.wave_levels import Parameters

FIRST = 2_000
DAYS, INJECTED, PAIRS, STARTED = 10, 3, 10, 20
"""Seeds of each market."""

CHANGES: tuple[dict[str, float], ...] = (
    {},
    {"floor_rare": 1.0}, {"floor_rare": 16.0},
    {"least_usd": 25_000.0}, {"least_usd": 2_000_000.0},
    {"floor_share": 0.0}, {"floor_share": 0.01},
    {"enter": 2.0, "leave": 1.0}, {"enter": 100.0},
    {"leave": 0.5}, {"leave": 8.0},
    {"fewest_orders": 1}, {"fewest_orders": 20},
    {"gap_s": 20}, {"gap_s": 600},
    {"baseline_minutes": 15}, {"baseline_minutes": 240},
    {"prior_usd": 20e6}, {"prior_usd": 2_000e6},
)  # fmt: skip


def row(changed: dict[str, float]) -> str:
    """The measures with these parameters in place of the defaults."""
    parameters = Parameters(**changed)  # type: ignore[arg-type]
    seeds = range(FIRST, FIRST + DAYS)
    false = sum(false_waves(name, seed, parameters=parameters) for name in CALMS for seed in seeds)
    outcomes = [injected(name, seed, parameters=parameters) for name in CALMS for seed in seeds[:INJECTED]]
    delays = [delay for outcome in outcomes for delay in outcome.delays]
    found = sum(delay is not None and delay <= WITHIN for delay in delays)
    middle = median(delay for delay in delays if delay is not None) / 1_000
    lasted = median(length for outcome in outcomes for length in outcome.lengths) / 1_000
    twos = [pair(name, seed, parameters) == 2 for name in CALMS for seed in seeds[:PAIRS]]
    starts = range(FIRST, FIRST + STARTED)
    late = [in_time(name, "at onset", seed, parameters) for name in CALMS for seed in starts]
    alarmed = [alarms(name, seed, parameters) > 0 for name in CALMS for seed in starts]
    label = ", ".join(f"{name} = {value:,g}" for name, value in changed.items()) or "defaults"
    return (
        f"{label:<24} {false:>5} {found:>4} of {len(delays)} {middle:>5.0f}s "
        f"{sum(outcome.waves for outcome in outcomes):>6} {lasted:>6.0f}s {sum(twos):>3} of {len(twos)} "
        f"{sum(late):>4} of {len(late)} {sum(alarmed):>4} of {len(alarmed)}"
    )


def main() -> None:
    """Print the table."""
    print(f"{'':<24} {'false':>5} {'found':>11} {'delay':>6} {'waves':>6} {'lasted':>7} {'two':>9} {'late':>11} "
          f"{'alarms':>11}")  # fmt: skip
    for changed in CHANGES:
        print(row(changed), flush=True)


if __name__ == "__main__":
    main()
