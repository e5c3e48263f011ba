"""What each parameter of `[waves]` trades: the measures of `python -m benchmarks.waves` with one of them changed.

    python -m benchmarks.wave_parameters      a table; a quarter of an hour

Three calm markets, the same seeds in every row. *false*: waves in 30 calm days. *found*: cascades called within 30 s,
and the median time to the call. *waves*: how many waves these cascades became. *lasted*: the median length of a wave.
*two*: pairs of cascades ten minutes apart that count as two. *late*: desks started at a cascade's first order that call
it in time. *alarms*: desks started in a calm market that call a wave in their first ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from benchmarks.late_start import alarms, in_time
from benchmarks.market import CALMS, orders_of
from benchmarks.waves import WITHIN, Outcome, two_cascades, watch, with_cascades
from deskmon.analytics.wave_settings import Parameters

FIRST = 2_000
DAYS, INJECTED, PAIRS, STARTED = 10, 3, 10, 12
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


@dataclass
class Row:
    """What was measured with some parameters."""

    false: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    twos: list[bool] = field(default_factory=list)
    late: list[bool] = field(default_factory=list)
    alarms: list[bool] = field(default_factory=list)

    def __str__(self) -> str:
        delays = [delay for outcome in self.outcomes for delay in outcome.delays]
        found = sum(delay is not None and delay <= WITHIN for delay in delays)
        middle = median(delay for delay in delays if delay is not None) / 1_000
        lasted = median(length for outcome in self.outcomes for length in outcome.lengths) / 1_000
        waves = sum(outcome.waves for outcome in self.outcomes)
        return (
            f"{self.false:>5} {found:>4} of {len(delays)} {middle:>5.0f}s {waves:>6} {lasted:>6.0f}s "
            f"{sum(self.twos):>3} of {len(self.twos)} {sum(self.late):>4} of {len(self.late)} "
            f"{sum(self.alarms):>4} of {len(self.alarms)}"
        )


def measure(name: str, seed: int, rows: list[tuple[Parameters, Row]]) -> None:
    """Add what one seed of a market gives to every row; its orders are drawn once."""
    number = seed - FIRST
    if number < DAYS:
        orders = orders_of(name, seed, 24)
        for parameters, row in rows:
            row.false += watch(orders, parameters=parameters).waves
    if number < INJECTED:
        orders, onsets = with_cascades(name, seed)
        for parameters, row in rows:
            row.outcomes.append(watch(orders, onsets, parameters))
    if number < PAIRS:
        orders = two_cascades(name, seed)
        for parameters, row in rows:
            row.twos.append(watch(orders, parameters=parameters).waves == 2)
    for parameters, row in rows:
        row.late.append(in_time(name, "at onset", seed, parameters))
        row.alarms.append(alarms(name, seed, parameters) > 0)


def main() -> None:
    """Print the table."""
    rows = [(Parameters(**changed), Row()) for changed in CHANGES]  # type: ignore[arg-type]
    for name in CALMS:
        for seed in range(FIRST, FIRST + STARTED):
            measure(name, seed, rows)
    print(f"{'':<24} {'false':>5} {'found':>11} {'delay':>6} {'waves':>6} {'lasted':>7} {'two':>8} {'late':>10} "
          f"{'alarms':>10}")  # fmt: skip
    for changed, (_, row) in zip(CHANGES, rows, strict=True):
        label = ", ".join(f"{key} = {value:,.10g}" for key, value in changed.items()) or "defaults"
        print(f"{label:<24} {row}")


if __name__ == "__main__":
    main()
