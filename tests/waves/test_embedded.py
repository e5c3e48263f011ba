"""Waves of the markets that come with the desk: those of the simulator's script, and none in the calm demo."""

from random import Random

import pytest

from deskmon.clock import DAY, HOUR, SECOND
from deskmon.events import Journal, Liquidation
from deskmon.feeds.demo import DemoFeed
from deskmon.feeds.demo.simulator.flow import Flow
from deskmon.feeds.demo.simulator.market import Market
from deskmon.feeds.demo.simulator.past import History
from deskmon.feeds.demo.simulator.step import Step
from deskmon.feeds.demo.simulator.world import START
from deskmon.model import Model
from tests.length import length


@pytest.mark.soak
def test_the_calm_demo_has_at_most_one_wave_in_a_day():
    timeline, model = DemoFeed("demo", DemoFeed.Options(name="calm")).timeline(), Model()
    end, batch = timeline.start + length(1, 24) * HOUR, [timeline.header]
    for event in timeline.events():
        if event.arrival > end:
            break
        batch.append(event)
        if len(batch) == 1_000:
            model.apply(batch)
            batch = []
    model.apply(batch)
    assert model.rejected == 0 and model.waves.late == 0
    assert len(model.waves.figures(end)) <= 1
    assert 100e6 < model.state(end).liquidations.windows["24h"].usd < 400e6


def test_the_simulators_waves_are_its_episodes():
    market, flow, rng, model = Market(Random("market 5")), Flow(1.0, pace=1_000_000), Random(5), Model()
    model.apply([Journal(version=1, source="simulated", started=START - 7 * DAY)])
    model.apply([event for event in History(Random(5)).events() if type(event) is Liquidation])
    spans, phase = [], None
    for now in range(START, START + HOUR, SECOND):
        step = Step(now, SECOND, market, market.step(1.0), rng)
        flow.emit(step)
        model.apply(sorted(step.out, key=lambda event: event.ts))
        if market.phase is not phase:
            phase = market.phase
            if phase.name == "cascade":
                spans.append(now)
    waves = [wave for wave in model.waves.figures(START + 3 * HOUR) if wave.start >= START]
    episodes = [max((onset for onset in spans if onset - 45 * SECOND <= wave.start), default=None) for wave in waves]
    assert episodes == spans
