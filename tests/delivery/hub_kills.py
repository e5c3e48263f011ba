"""`kill -9` of a whole hub at random moments, while its feed has rules fire, and what arrived in spite of it."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

from deskmon.delivery.outbox import UNKNOWN_OUTCOME, Outbox
from tests.delivery.kills import Outcome
from tests.delivery.receiver import Receiver

FEED = '''
"""Prices S0, S1, …: so many of them are 2 as a file says, the others 1."""
import asyncio
from pathlib import Path
from deskmon.feedkit import Feed, events

class Rising(Feed):
    name, title = "rising", "prices that a file raises"

    class Options(Feed.Options, frozen=True, kw_only=True):
        file: str
        count: int

    async def run(self, context):
        context.status("live", "")
        file, beat = Path(self.options.file), 0
        while True:
            raised, now = int(file.read_text()), context.clock.now()
            for n in range(self.options.count if beat % 20 == 0 else raised):
                last = 2.0 if n < raised else 1.0
                context.emit(events.Ticker(ts=now, recv=now, venue="px", symbol=f"S{n}/USDT:USDT", last=last))
            beat += 1
            await asyncio.sleep(0.05)
'''
EACH_RUN = 3
"""Rules that fire in each run."""
LONGEST_S = 6.0
"""Seconds that a run may last before it is killed; it takes one or two to begin."""
PATIENCE_S = 120.0


def installed(folder: Path) -> Path:
    """The feed as a package of its own; the folder that finds it."""
    site = folder / "site"
    info = site / "rising-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rising\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[deskmon.feeds]\nrising = rising:Rising\n")
    (site / "rising.py").write_text(FEED)
    return site


def configured(folder: Path, url: str, count: int) -> Path:
    """A desk with a rule for each price."""
    path = folder / "deskmon.toml"
    rules = "".join(f'[alerts.rules.rule{n}]\nwhen = "prices.S{n}.last > 1.5"\n' for n in range(count))
    path.write_text(
        f'[feeds.rising]\ntype = "rising"\nprocess = "shared"\nfile = "{folder}/raised"\ncount = {count}\n'
        f'[alerts]\npath = "{folder}/alerts.json"\n[alerts.routes.phone]\ntype = "webhook"\nurl = "{url}"\n{rules}'
    )
    return path


async def kill_hubs(hook: Receiver, folder: Path, kills: int, rng: random.Random) -> Outcome:
    """Run a hub `kills` times and kill it, then once until all has arrived."""
    count = (kills + 1) * EACH_RUN
    config, raised = configured(folder, hook.url, count), folder / "raised"
    raised.write_text("0")
    own = {name: str(folder / name) for name in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    environment = os.environ | own | {"PYTHONPATH": str(installed(folder)), "DESKMON_CONFIG": str(config)}
    wanted = {f"rule{number}" for number in range(count)}
    for run in range(kills + 1):
        hub = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deskmon", "hub", "--listen", f"unix:{folder}/hub.sock",
            env=environment, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        length = rng.uniform(0.2, LONGEST_S)
        rises = sorted(rng.uniform(0, length) for _ in range(EACH_RUN))
        for number, (before, at) in enumerate(zip([0.0, *rises], rises, strict=False), run * EACH_RUN + 1):
            await asyncio.sleep(at - before)
            raised.write_text(str(number))
        await asyncio.sleep(length - rises[-1])
        if run == kills:
            await _all_arrived(hook, wanted)
        assert hub.returncode is None
        os.kill(hub.pid, signal.SIGKILL)
        await hub.wait()
    return _outcome(hook, folder, wanted, kills)


async def _all_arrived(hook: Receiver, wanted: set[str]) -> None:
    for _ in range(int(PATIENCE_S * 10)):
        if wanted <= {rule for rule, _ in _fired(hook)}:
            return
        await asyncio.sleep(0.1)


def _fired(hook: Receiver) -> list[tuple[str, str]]:
    """Rule and message of each firing that arrived."""
    return [(each["rule"], body["id"]) for body in hook.bodies for each in body["alerts"] if each["state"] == "firing"]


def _outcome(hook: Receiver, folder: Path, wanted: set[str], killed: int) -> Outcome:
    fired = [(rule, id) for rule, id in _fired(hook) if rule in wanted]
    doubles = {id for id, times in Counter(hook.ids).items() if times > 1}
    [path] = (folder / "XDG_STATE_HOME" / "deskmon").glob("outbox-*.db")
    unsure = {sent.message for sent in Outbox(path).log(10_000) if sent.outcome == UNKNOWN_OUTCOME}
    return Outcome(
        alerts=len(wanted), killed=killed, lost=len(wanted - {rule for rule, _ in fired}), doubled=len(doubles),
        unsaid=len(doubles - unsure), in_two_messages=len(set(fired)) - len({rule for rule, _ in fired}),
    )  # fmt: skip
