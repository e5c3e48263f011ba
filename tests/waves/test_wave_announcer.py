"""A hub's stream says when a wave changes its state, to journal and screens alike."""

from benchmarks.market import START
from deskmon.events import Journal, Liquidation, Pulse, Reset, Wave, state_key
from deskmon.hub.stream import Stream
from deskmon.model import Model
from tests.model.markets import wired
from tests.waves.markets import CALM, every, liquidation

HOUR = 3_600
HEADER = Journal(version=1, source="simulated", ts=START, started=START)


class Ear:
    def __init__(self):
        self.events = []

    def offer(self, batch):
        self.events += [item.event for item in batch.items]

    def restart(self):
        self.events.append("restart")

    @property
    def waves(self):
        return [event for event in self.events if isinstance(event, Wave)]


def stream():
    made, ear = Stream(Model()), Ear()
    made.add(ear)
    made.fold([HEADER])
    return made, ear


def play(made, orders, until):
    """One batch a second, with a heartbeat, as a hub folds them."""
    events = [liquidation(second, usd) for second, usd in sorted(orders)]
    first = events[0].ts
    for now in range(first, START + until * 1_000, 1_000):
        made.fold([*(event for event in events if now - 1_000 < event.ts <= now), Pulse(ts=now, seq=1, mode="live")])


def test_each_state_is_said_once_and_in_order():
    made, ear = stream()
    play(made, CALM + every(1, 1e6, HOUR, HOUR + 90) + every(5, 10_000, HOUR + 90, HOUR + 400), HOUR + 400)
    assert [wave.state for wave in ear.waves] == ["building", "cresting", "fading", "over"]
    first, *_, last = ear.waves
    assert START + HOUR * 1_000 < first.ts <= START + (HOUR + 30) * 1_000
    assert first.end is None
    assert (last.usd, last.count, last.lead, last.by_venue) == (90e6, 90, "BTC", {"bybit": 90e6})
    assert last.end == START + (HOUR + 90) * 1_000
    assert wired(ear.waves) == ear.waves
    assert state_key(first) == state_key(last)


def test_what_a_journal_said_is_left_out_and_found_anew():
    made, ear = stream()
    play(made, CALM + every(1, 1e6, HOUR, HOUR + 90), HOUR + 400)
    said = ear.waves
    again, listener = stream()
    for event in ear.events:
        if isinstance(event, Liquidation | Wave | Pulse):
            again.fold([event])
    assert [wave.state for wave in listener.waves] == [wave.state for wave in said]
    assert len([event for event in listener.events if isinstance(event, Wave)]) == len(said)


def test_a_seek_says_nothing_of_the_waves_it_passes():
    made, ear = stream()
    events = [liquidation(second, usd) for second, usd in sorted(CALM + every(1, 1e6, HOUR, HOUR + 90))]
    made.apply([Reset(ts=START), HEADER, *events])
    made.restart()
    made.fold([Pulse(ts=events[-1].ts, seq=2, mode="replay")])
    assert ear.waves == []
    made.fold([Pulse(ts=events[-1].ts + 600_000, seq=3, mode="replay")])
    assert [wave.state for wave in ear.waves] == ["over"]
