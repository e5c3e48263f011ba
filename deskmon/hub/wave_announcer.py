"""Says in the stream when a liquidation wave begins or changes its state."""

from __future__ import annotations

from deskmon.events import Wave, WaveState
from deskmon.model.figures import WaveFigure
from deskmon.model.waves import Waves


class WaveAnnouncer:
    """Remembers what was said of the waves of one model."""

    def __init__(self, waves: Waves) -> None:
        self._waves = waves
        self._said: dict[int, WaveState] = {}

    def news(self, now: int) -> list[Wave]:
        """A wave event for each wave whose state at desk time `now` (ms) is another than when this was last asked."""
        states = self._waves.states(now)
        said, self._said = self._said, states
        if states == said:
            return []
        return [_event(figure, now) for figure in self._waves.figures(now) if said.get(figure.id) != figure.state]

    def skip(self) -> None:
        """Take the waves as they are for said."""
        self._said = self._waves.states(0)


def _event(figure: WaveFigure, now: int) -> Wave:
    return Wave(
        ts=now, id=figure.id, group=figure.group, state=figure.state,
        start=figure.start, peak=figure.peak, end=figure.end,
        usd=figure.usd, long_usd=figure.long_usd, short_usd=figure.short_usd, count=figure.count,
        peak_usd_per_min=figure.peak_usd_per_min, lead=figure.lead,
        by_venue={venue: sums.usd for venue, sums in figure.by_venue.items()},
        by_symbol={asset: sums.usd for asset, sums in figure.by_symbol.items()},
        lower_bound=figure.lower_bound, provisional=figure.provisional, price_move_pct=figure.price_move_pct,
        open_interest_change_pct=figure.open_interest_change_pct,
    )  # fmt: skip
