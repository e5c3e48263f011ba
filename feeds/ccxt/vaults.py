"""Hyperliquid's liquidations, from what its liquidator vaults traded.

The venue tells of no liquidations. What the book doesn't take of a position that is liquidated, vaults of HLP take
over, and their fills are public: each names whose position was liquidated. A vault's fill against a liquidation in the
book is marked too. What others took in the book isn't seen, so these are a part of the venue's liquidations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from deskmon.feeds.ccxt.session import Session

HLP = "0xdfc24b077bc1425ad1dea75bcb6f8158e10df303"
"""The parent of the liquidator vaults."""
PAST_MS = 3_600_000
"""How far back is read at first."""
SETTLED_MS = 5_000
"""Fills are read once they are so old: then all vaults have theirs of the same liquidation."""
AGAIN_MS = 30_000
"""How much is read again, for what a server of the venue had late."""
RELIST_MS = 3_600_000
"""How long a list of vaults holds."""
PAGE = 2_000
"""Fills in one answer, at most."""

Fill = Mapping[str, Any]


class VaultFills:
    """A poll that reads on from where it stood, so a time without answers leaves no gap."""

    EVERY_S: ClassVar[float] = 20.0

    def __init__(self, session: Session) -> None:
        self._session = session
        self._vaults: list[str] = []
        self._listed = 0
        self._since: int | None = None

    async def fetch(self) -> None:
        """Read what is new, and hand it to the session."""
        session, now = self._session, self._session.now()
        if not self._vaults or now - self._listed > RELIST_MS:
            self._vaults, self._listed = await self._liquidators(), now
        since = now - PAST_MS if self._since is None else self._since
        until = now - SETTLED_MS
        fills = {vault: await self._fills(vault, since - AGAIN_MS, until) for vault in self._vaults}
        self._since = until
        session.polled_liquidations([
            {"symbol": self._symbol(group[0]["coin"]), "timestamp": int(group[0]["time"]), "info": group}
            for group in liquidations(fills)
        ])  # fmt: skip

    def _symbol(self, coin: str) -> str:
        exchange = self._session.exchange
        return str(exchange.safe_symbol(exchange.coin_to_market_id(coin)))

    async def _liquidators(self) -> list[str]:
        """The vaults of HLP that are named liquidators; all of HLP's where none is."""
        family = await self._asked("vaultDetails", vaultAddress=HLP)
        children = [str(child) for child in family["relationship"]["data"]["childAddresses"]]
        named = {child: str((await self._asked("vaultDetails", vaultAddress=child))["name"]) for child in children}
        return [child for child, name in named.items() if "liquidator" in name.lower()] or children

    async def _fills(self, vault: str, since: int, until: int) -> list[Fill]:
        found: dict[Any, Fill] = {}
        while True:
            page = await self._asked("userFillsByTime", user=vault, startTime=since, endTime=until)
            new = [fill for fill in page if fill["tid"] not in found]
            found.update((fill["tid"], fill) for fill in new)
            if len(page) < PAGE or not new:
                return list(found.values())
            since = max(int(fill["time"]) for fill in page)

    async def _asked(self, kind: str, **what: Any) -> Any:
        return await self._session.exchange.public_post_info({"type": kind, **what})


def liquidations(fills: Mapping[str, Iterable[Fill]]) -> list[list[Fill]]:
    """Fills of each vault → those of each liquidation and coin together, oldest first.

    A fill that names its own vault is none of the market's: the vault itself was deleveraged.
    """
    groups: dict[tuple[str, str, str], list[Fill]] = {}
    for vault, told in fills.items():
        for fill in told:
            marked = fill.get("liquidation")
            if not isinstance(marked, Mapping) or str(marked.get("liquidatedUser", "")).lower() == vault.lower():
                continue
            digest = str(fill.get("hash") or "")
            key = digest if digest.strip("0x") else str(fill["tid"])
            groups.setdefault((key, str(fill["coin"]), str(fill["side"])), []).append(fill)
    return sorted(groups.values(), key=_time)


def _time(group: Sequence[Fill]) -> int:
    return int(group[0]["time"])
