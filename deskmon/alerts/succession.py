"""What the hubs of a desk tell each other of their rules, so that another goes on where the one that leads ended."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from deskmon.alerts.leg_times import LegTime
from deskmon.alerts.machine import Memory


class SharedRules(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a hub remembers of its rules, by what they judge, as of `at` (ms of the desk clock): `rules` and the times
    of their comparisons (`legs`); `bases` as `Bases.saved` has them, None where they are too many. `leads`: whether
    screens follow that hub."""

    at: int
    leads: bool
    rules: dict[str, Memory] = {}
    legs: dict[str, LegTime] = {}
    bases: dict[str, Any] | None = None


decode = msgspec.json.Decoder(SharedRules).decode
"""bytes of JSON → SharedRules. Raises msgspec.DecodeError."""


def succeeded(own: Memory, theirs: Memory, at: int) -> Memory:
    """What is remembered of a rule by a hub that takes over from one that told of itself at `at` (ms) for the last
    time: what that one knew, unless this hub saw a change of state after it. Marks are the newer ones of both."""
    kept = own if own.judged and own.since > at else replace(theirs)
    take_marks(kept, own)
    take_marks(kept, theirs)
    return kept


def take_marks(memory: Memory, other: Memory) -> bool:
    """Take the marks of `other` where somebody set them later; whether it did. An acknowledgement waits until the rule
    fires here, too: two hubs see the same market some moments apart."""
    if other.marked_at <= memory.marked_at:
        return False
    before = memory.snoozed_by, memory.snoozed_until, memory.acknowledged_by
    memory.snoozed_by, memory.snoozed_until = other.snoozed_by, other.snoozed_until
    if other.acknowledged_by is None or memory.is_up or memory.is_lost:
        memory.acknowledged_by = other.acknowledged_by
        memory.marked_at = other.marked_at
    return (memory.snoozed_by, memory.snoozed_until, memory.acknowledged_by) != before
