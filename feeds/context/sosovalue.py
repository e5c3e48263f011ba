"""SoSoValue's history of all US spot ETFs of an asset in sum, raw dollars. It takes a free key."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon.events import EtfFlow
from deskmon.feeds.context.answers import (
    ALL_FUNDS,
    CLOSED,
    Answer,
    Parse,
    Unreadable,
    at_hour,
    day,
    decoded,
    mapping,
    member,
    number,
    rows,
)

PROVIDER = "SoSoValue"


def flows(asset: str) -> Parse:
    """What the funds of `asset` took in together, each day."""

    def parse(answer: Answer) -> Iterator[EtfFlow]:
        data = mapping(decoded(answer))
        if data.get("code") not in (0, "0", None):
            raise Unreadable(f"it refuses: code {data.get('code')}, {str(data.get('msg') or data.get('message'))[:80]}")
        inner = data.get("data")
        listed = rows(data, "data") if isinstance(inner, list) else rows(data, "data", "list")
        for row in sorted(listed, key=lambda row: str(member(row, "date"))):
            when = day(member(row, "date"))
            inflow = row["total_net_inflow"] if "total_net_inflow" in row else member(row, "totalNetInflow")
            value, assets = number(inflow), number(row.get("total_net_assets"))
            if value is not None:
                yield EtfFlow(
                    ts=at_hour(when, CLOSED), asset=asset, fund=ALL_FUNDS, date=when.isoformat(), usd=value,
                    aum_usd=assets, source=PROVIDER,
                )  # fmt: skip

    return parse
