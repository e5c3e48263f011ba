"""The process that makes one answer about what was: `python -m deskmon.http.past_worker`.

It asks the hub to look back, as a screen does; a figure over time it reads from the hub's journal. What it is told is a
`PastAsk` in a frame, what it writes is the answer; where there is none its last line on stderr says why, and its exit
status is that of a command.
"""

from __future__ import annotations

import asyncio
import gc
import sys

import msgspec

from deskmon import plugins
from deskmon.errors import DeskError
from deskmon.http.answers import answer, json
from deskmon.http.past import PastAsk
from deskmon.http.requests import Ask, SeriesAsk
from deskmon.hub.look_back import NICE
from deskmon.past import PastMarket, Span, journal_config
from deskmon.past.look_back import model_then
from deskmon.past.series import sampled
from deskmon.transport.child import work_for_parent
from deskmon.transport.link import UnixLink


def told(asked: PastAsk) -> bytes:
    """The answer. Raises DeskError and UsageError with the words why there is none."""
    if isinstance(asked.ask, SeriesAsk):
        ask = asked.ask
        market = PastMarket(journal_config(asked.config, ask.folder), judge=False)
        return json(sampled(market, ask.figure, Span(ask.start, ask.end), ask.every))
    return asyncio.run(then(asked, asked.ask))


async def then(asked: PastAsk, ask: Ask) -> bytes:
    """What the desk said at the moment that is asked for. Raises DeskError where the hub can't tell."""
    try:
        model, now = await model_then(UnixLink(asked.hub), asked.config, str(asked.at))
    except TimeoutError:
        raise DeskError("the hub doesn't answer", "its log may say why") from None
    return answer(ask, model, asked.config, now)


def main() -> int:
    """Answer the server that started this process."""
    gc.disable()  # it ends with its answer
    return work_for_parent(PastAsk, _work, NICE)


def _work(asked: PastAsk) -> bytes:
    plugins.choose(msgspec.to_builtins(asked.config.plugins))
    return told(asked)


if __name__ == "__main__":
    sys.exit(main())
