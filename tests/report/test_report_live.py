"""`deskmon report` of a running hub: of the rolling journal that it writes, as of a replay of it."""

from __future__ import annotations

import asyncio
from itertools import chain

from deskmon.cli import main
from tests.lookback.test_comparing_live import beside, journalling
from tests.timelines.folders import SECONDS


async def test_a_live_hub_s_report_is_that_of_its_rolling_journal(tmp_path, capsys):
    folder, path = tmp_path / "journal", tmp_path / "desk.sock"

    async def report(*words):
        assert await asyncio.to_thread(main, ["report", *map(str, words)]) == 0
        return capsys.readouterr().out

    async with journalling(folder, path) as say:
        now = await say([*chain(*SECONDS[:40]), *beside(1.0)])
        await say(chain(*SECONDS[40:]))  # so that the journal reaches beyond the end of the report
        of_hub = await report("--attach", f"unix:{path}", "--to", now)
        of_own = await report("--set", f'journal.folder="{folder}"', "--to", now)
        of_folder = await report("--replay", folder, "--to", now)
    assert of_hub == of_own == of_folder
    assert "Recorded market" in of_hub and "BTC" in of_hub.splitlines()[0]
