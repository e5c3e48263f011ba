"""Markets that many tests look at. Each is folded once per process, shared by all, and refuses to be changed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import takewhile
from typing import Any, NoReturn

import msgspec

from deskmon.events import Event
from deskmon.feeds.demo.reconstructions import reconstruct
from deskmon.feeds.demo.simulator import DemoTimeline
from deskmon.model import Model
from deskmon.model.figures import State
from deskmon.testing import NOW, Kind, model_of, sample_events
from deskmon.timeline import Timeline
from tests.reconstructions.published import stops


@dataclass
class Market:
    """A timeline, its events up to desk time `now` (ms), and the model that has folded them."""

    timeline: Timeline
    events: list[Event]
    model: Model
    now: int
    read: dict[int | None, dict[str, Any]] = field(default_factory=dict)
    """Figures by the text of their path, at the moments (ms) that a table of published ones names; None is the end."""

    @cached_property
    def state(self) -> State:
        """All figures at `now`."""
        return self.model.state(self.now)


@cache
def sample(kind: Kind) -> Model:
    """`sample_model(kind)`; its desk time is `NOW`."""
    return _shared(f"sample({kind!r})", model_of(sample_events(kind)), NOW)


@cache
def _checkpoints(kind: Kind) -> list[Event]:
    return sample(kind).snapshot()


def own_sample(kind: Kind) -> Model:
    """A model with the figures of `sample(kind)`, for a test that changes it."""
    return model_of(_checkpoints(kind))


@cache
def simulated(seconds: int = 100) -> Market:
    """The demo so long after its start: at 100 s the cascade runs."""
    return _market(f"simulated({seconds})", timeline := DemoTimeline(), timeline.start + seconds * 1000)


@cache
def reconstructed(name: str) -> Market:
    """A reconstruction at its end."""
    timeline, model, begin = reconstruct(name), Model(), 0
    assert timeline.end is not None
    events = list(timeline.events())
    model.apply([timeline.header])
    read: dict[int | None, dict[str, Any]] = {}
    for at, paths in {**stops(name), None: stops(name).get(None, ())}.items():
        now = timeline.end if at is None else at
        stop = bisect_right(events, now, lo=begin, key=lambda event: event.arrival)
        model.apply(events[begin:stop])
        read[at], begin = {path.text: path.read(model, now) for path in paths}, stop
    shared = _shared(f"reconstructed({name!r})", model, timeline.end)
    return Market(timeline, events, shared, timeline.end, read)


def changed() -> list[str]:
    """The shared markets whose figures are no longer what they were."""
    return [name for name, (figures, before) in _held.items() if figures() != before]


_held: dict[str, tuple[Callable[[], bytes], bytes]] = {}


def _market(name: str, timeline: Timeline, now: int) -> Market:
    events = list(takewhile(lambda event: event.arrival <= now, timeline.events()))
    return Market(timeline, events, _shared(name, model_of([timeline.header, *events]), now), now)


def _shared(name: str, model: Model, now: int) -> Model:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError(f"{name} is shared by all tests: fold a model of your own")

    def figures() -> bytes:
        return msgspec.json.encode(model.state(now))

    _held[name] = figures, figures()
    model.apply = model.clear = refuse  # type: ignore[method-assign]
    return model
