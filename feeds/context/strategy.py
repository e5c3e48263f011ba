"""Strategy's own figures: how many bitcoin the company holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deskmon.events import Holding
from deskmon.feeds.context.answers import (
    Answer,
    Unreadable,
    at_hour,
    day,
    decoded,
    is_page,
    mapping,
    member,
    needed,
    refuse_challenge,
)
from deskmon.feeds.context.pages import page

ENTITY = "Strategy"


def holdings(answer: Answer) -> Iterator[Holding]:
    """The holding of `bitcoinKpis`, or of the tracker in a page's data, which tells the one before, too. None of them
    names a cost or a purchase: what was bought, the model infers from holdings that differ. Raises Unreadable."""
    data = _page_data(answer.content) if is_page(answer.content) else decoded(answer)
    if isinstance(data, dict) and "latest" in data:
        for told in ("previous", "latest"):
            if isinstance(data.get(told), dict):
                when = at_hour(day(member(data, told, "as_of_date")), 12)
                yield _holding(when, needed(member(data, told, "btc_holdings"), "btc_holdings"))
        return
    results = mapping(data, "results")
    amount = needed(member(results, "btcHoldings"), "btcHoldings")
    yield _holding(round(needed(results.get("msTimestamp"), "msTimestamp")), amount)


def _holding(ts: int, amount: float) -> Holding:
    if amount <= 0:
        raise Unreadable("it says that nothing is held")
    return Holding(ts=ts, entity=ENTITY, asset="BTC", amount=amount, note="strategy.com")


def _page_data(content: bytes) -> Any:
    """What a page of the site carries for its own scripts."""
    refuse_challenge(content)
    scripts = (script for script in page(content).iter("script") if script.get("id") == "__NEXT_DATA__")
    script = next(scripts, None)
    if script is None:
        raise Unreadable("the page carries no data")
    data = decoded(Answer("", (script.text or "").encode(), "application/json", 0))
    props = mapping(data, "props", "pageProps")
    found = next((value for value in props.values() if isinstance(value, dict) and "latest" in value), None)
    if found is None:
        raise Unreadable("the page's data has no holdings")
    return found
