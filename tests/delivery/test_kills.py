"""A hub that is killed loses no alert, and doubles one only where the log says so."""

from __future__ import annotations

import random

from tests.delivery.kills import deliver_and_kill
from tests.delivery.receiver import receiver
from tests.length import WHOLE, length


async def test_no_alert_is_lost_and_none_is_doubled_unsaid_however_often_a_hub_is_killed(tmp_path):
    async with receiver() as hook:
        hook.delay_s = 0.005
        outcome = await deliver_and_kill(hook, tmp_path, length(3, 50), random.Random(None if WHOLE else 5))
    assert outcome.killed
    assert (outcome.lost, outcome.unsaid, outcome.in_two_messages) == (0, 0, 0)
