"""The calendar holds what is due, moves what moved, and forgets what was called off."""

from deskmon.clock import DAY, HOUR
from deskmon.events import CalendarEntry
from deskmon.model import Model
from deskmon.model.calendar import HELD, PAST

T = 1_763_683_200_000


def entry(hours, text="US jobs report", ts=T, **more):
    return CalendarEntry(ts=ts, time=T + hours * HOUR, text=text, **more)


def told(*events, now=T):
    model = Model()
    model.apply(events)
    assert not model.rejected, model.samples
    return [(each.text, each.in_ms // HOUR) for each in model.calendar.figures(now)]


def test_they_stand_in_order_of_time_and_leave_two_days_after_it():
    events = [entry(50, "later"), entry(1, "soon"), entry(-47, "was"), entry(-49, "long ago")]
    assert told(*events) == [("was", -47), ("soon", 1), ("later", 50)]
    assert PAST == 2 * DAY


def test_one_that_moved_takes_the_place_of_the_one_before_and_an_older_word_does_not():
    moved = entry(30, uid="a", ts=T + 1)
    assert told(entry(20, uid="a"), moved) == told(moved, entry(20, uid="a")) == [("US jobs report", 30)]


def test_what_was_called_off_is_due_no_more():
    assert told(entry(20, uid="a"), entry(30, uid="b"), entry(20, uid="a", removed=True)) == [("US jobs report", 30)]


def test_a_calendar_without_end_keeps_what_comes_next():
    found = told(*(entry(hours, f"number {hours}") for hours in range(HELD + 100, 0, -1)))
    assert len(found) == HELD and found[0] == ("number 1", 1) and found[-1][1] == HELD
