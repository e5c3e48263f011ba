"""The feed of a desk that needs no network: a market of its own making."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from deskmon.events import Mode
from deskmon.feedkit import Moment, Timeline, TimelineFeed, UsageError
from deskmon.feeds.demo import data
from deskmon.feeds.demo.reconstructions import DAYS, SPEED, reconstruct


class DemoFeed(TimelineFeed):
    """A made-up market as the whole desk, labelled as such on screen at all times."""

    name: ClassVar[str] = "demo"
    title: ClassVar[str] = "a simulated or reconstructed market, no network, no keys"
    mode: ClassVar[Mode] = "demo"

    class Options(TimelineFeed.Options, frozen=True):
        name: Annotated[str, Meta(description="Which market: `deskmon list demos`.")] = "simulator"
        seed: Annotated[int, Meta(description="Simulated markets: another number is another course of events.")] = 7
        intensity: Annotated[
            float, Meta(description="Simulated markets: events, as a multiple of the usual number.", gt=0, le=1_000)
        ] = 1.0

    @classmethod
    def validate_options(cls, options: Any) -> Sequence[tuple[str, str]]:
        """A name that no demo has."""
        fault = _unknown(options.name)
        return [] if fault is None else [("name", str(fault))]

    def timeline(self) -> Timeline:
        """The market of that name. Raises UsageError with the nearest name for one there isn't."""
        fault = _unknown(self.options.name)
        if fault is not None:
            raise fault
        return DEMOS[self.options.name].timeline(self.options)

    def market(self) -> str:
        """Drawn from a seed or made to given figures: the options say all."""
        return f"demo {self.options}"

    def speed(self) -> float:
        return DEMOS[self.options.name].speed

    def examples(self) -> Mapping[str, Any]:
        """The levels and the paths that the report on a reconstructed day names."""
        if self.options.name not in DAYS:
            return {}
        return data.tables("reconstructions", f"{self.options.name}-rules.toml")

    def moments(self) -> Sequence[Moment]:
        """Those of a reconstruction, as its file tells them."""
        if self.options.name not in DAYS:
            return ()
        name = f"{self.options.name}-moments.toml"
        told = data.read("reconstructions", (name,), dict[str, list[tuple[int, str, str]]])
        return [Moment(*each) for each in told["moments"]]

    @staticmethod
    def demos() -> dict[str, str]:
        """The demos by name, each with what it shows."""
        return {name: demo.shows for name, demo in DEMOS.items()}


def _unknown(name: str) -> UsageError | None:
    """Why no demo has this name, None where one does."""
    if name in DEMOS:
        return None
    import difflib  # a screen needs it for nothing else

    near = difflib.get_close_matches(name, DEMOS, n=1, cutoff=0.3)
    return UsageError(
        f"no demo is called {name[:80]!r}", f"did you mean {near[0]!r}?" if near else f"there is {', '.join(DEMOS)}"
    )


class Demo(msgspec.Struct, frozen=True):
    """A market: what it shows, how its timeline is made, and at which speed it plays at first."""

    shows: str
    timeline: Callable[[DemoFeed.Options], Timeline]
    speed: float = 1.0


def _simulator(options: DemoFeed.Options) -> Timeline:
    from deskmon.feeds.demo.simulator import DemoTimeline  # which a market that was kept does without at first

    return DemoTimeline(options.seed, options.intensity)


def _calm(options: DemoFeed.Options) -> Timeline:
    from deskmon.feeds.demo.simulator import DemoTimeline

    return DemoTimeline(options.seed, options.intensity, calm=True, pace=SPEED)


def _reconstruction(options: DemoFeed.Options) -> Timeline:
    return reconstruct(options.name)


DEMOS = {
    "simulator": Demo(
        "calm, a cascade and recovery within six minutes, then on without end, drawn from a seed", _simulator
    ),
    "calm": Demo(
        "a market in which nothing happens: no cascade, for days on end, drawn from a seed; at 60× speed", _calm, SPEED
    ),
    **{
        name: Demo(f"{day.shows}, made to published figures; at {day.speed}× speed", _reconstruction, day.speed)
        for name, day in DAYS.items()
    },
}
"""Every demo by name."""
