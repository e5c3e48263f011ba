"""A hub that is killed loses no alert, and doubles one only where the log says so."""

from __future__ import annotations

import random

import pytest

from tests.delivery.hub_kills import kill_hubs
from tests.delivery.kills import deliver_and_kill
from tests.delivery.receiver import receiver
from tests.length import WHOLE, length


async def test_no_alert_is_lost_and_none_is_doubled_unsaid_however_often_a_hub_is_killed(tmp_path):
    async with receiver() as hook:
        hook.delay_s = 0.005
        outcome = await deliver_and_kill(hook, tmp_path, length(3, 50), random.Random(None if WHOLE else 5))
    assert outcome.killed
    assert (outcome.lost, outcome.unsaid, outcome.in_two_messages) == (0, 0, 0)


@pytest.mark.soak
@pytest.mark.skipif(not WHOLE, reason="a hub takes seconds to begin, each time: DESKMON_LONG=1 runs it")
async def test_no_alert_of_a_whole_hub_is_lost_however_often_it_is_killed(tmp_path):
    async with receiver() as hook:
        hook.delay_s = 0.02
        outcome = await kill_hubs(hook, tmp_path, 5, random.Random())
    assert outcome.killed == 5
    assert (outcome.lost, outcome.unsaid, outcome.in_two_messages) == (0, 0, 0)
