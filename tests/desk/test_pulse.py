"""The screen tells the hub's time, whatever its own clock says."""

from deskmon.desk.pulse import PulseClock
from deskmon.events import Pulse

NOW = 1_767_614_400_000


class Machine:
    """A machine whose clock is an hour ahead of the hub's."""

    seconds = 500.0

    def monotonic(self) -> float:
        return self.seconds

    def wall(self) -> float:
        return NOW / 1000 + 3600


def clock_of(machine: Machine, **pulse) -> PulseClock:
    clock = PulseClock(machine.monotonic, machine.wall)
    if pulse:
        clock.beat(Pulse(ts=NOW, seq=1, **pulse))
    return clock


def test_before_the_first_beat_it_is_the_machines_own_time():
    assert clock_of(Machine()).now() == NOW + 3_600_000


def test_between_beats_time_goes_on_at_the_beats_speed():
    machine = Machine()
    live, fast = clock_of(machine, mode="live"), clock_of(machine, mode="replay", speed=60.0)
    machine.seconds += 0.25
    assert live.now() == NOW + 250
    assert fast.now() == NOW + 15_000


def test_a_paused_replay_and_one_without_bounds_stand_at_the_last_beat():
    machine = Machine()
    clocks = clock_of(machine, mode="replay", paused=True), clock_of(machine, mode="replay", speed=1e6)
    machine.seconds += 0.25
    assert [clock.now() for clock in clocks] == [NOW, NOW]


def test_a_silent_hub_ages_live_figures_but_a_replay_has_no_time_of_its_own():
    machine = Machine()
    live, replay = clock_of(machine, mode="live"), clock_of(machine, mode="replay")
    machine.seconds += 60
    assert live.now() == NOW + 60_000
    assert replay.now() == NOW + 1_000
