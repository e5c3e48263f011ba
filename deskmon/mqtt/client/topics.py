"""Where things stand on a broker: the address of a desk and the topics below it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from deskmon.errors import UsageError
from deskmon.events import (
    Alert,
    Candle,
    EtfFlow,
    Event,
    FeedStatus,
    Funding,
    Gap,
    Holding,
    HoldingTrade,
    Level,
    Metric,
    Option,
    PinnedLevel,
    VolatilityIndex,
    Wave,
)

ROOT = "deskmon/v1"
_FORM = "write mqtts://HOST/DESK or mqtt://HOST:PORT/DESK"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_PORTS = {"mqtt": 1883, "mqtts": 8883}

_PLACES: dict[type[Event], tuple[str, ...]] = {
    Candle: ("venue", "symbol", "timeframe"),
    Option: ("venue", "underlying", "expiry", "strike", "kind", "quote_currency"),
    VolatilityIndex: ("venue", "name", "underlying"),
    EtfFlow: ("asset", "fund"),
    Holding: ("entity", "asset"),
    HoldingTrade: ("entity", "asset"),
    Metric: ("name",),
    Gap: ("feed",),
    FeedStatus: ("feed",),
    Wave: ("group",),
    Level: ("symbol",),
    PinnedLevel: ("symbol",),
    Alert: ("rule",),
}
"""Fields that name an event's topic below its kind; the others' are venue and symbol, where they have them."""


class Address(NamedTuple):
    """A desk on a broker. `base` begins every topic of it."""

    host: str
    port: int
    tls: bool
    desk: str

    @property
    def base(self) -> str:
        return f"{ROOT}/{self.desk}"

    @property
    def broker(self) -> str:
        """The broker alone, for messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.broker}/{self.desk}"

    def hub(self, hub: str = "+") -> str:
        """Retained: whether a hub is up."""
        return f"{self.base}/hub/{hub}"

    def stream(self, hub: str) -> str:
        """The stream of the hub that leads."""
        return f"{self.base}/stream/{hub}"

    def snapshot(self, hub: str) -> str:
        """What rebuilds a hub's model, in fragments."""
        return f"{self.base}/snapshot/{hub}"

    def ask(self, hub: str, client: str = "+") -> str:
        """Where a screen, by the id of its client, asks something of a hub."""
        return f"{self.base}/ask/{hub}/{client}"

    def reply(self, hub: str, client: str) -> str:
        """Where the hub answers it."""
        return f"{self.base}/reply/{hub}/{client}"

    def share(self, hub: str = "+") -> str:
        """What a hub's own feeds bring, for the desk's other hubs."""
        return f"{self.base}/share/{hub}"

    def outbox(self, hub: str = "+") -> str:
        """Retained: what the hub that sends alerts has still to send, and what it has sent."""
        return f"{self.base}/outbox/{hub}"

    def rules(self, hub: str = "+") -> str:
        """Retained: what a hub remembers of its rules, for the one that leads next."""
        return f"{self.base}/rules/{hub}"

    def ingest(self, kind: str = "+") -> str:
        """Where any program publishes events."""
        return f"{self.base}/in/{kind}"

    def topic(self, event: Event) -> str:
        """Where an event stands for other programs."""
        kind = type(event)
        fields = _PLACES.get(kind, ("venue", "symbol"))
        parts = [_segment(str(value)) for field in fields if (value := getattr(event, field, None)) is not None]
        if kind is Funding and event.kind == "settled":  # type: ignore[attr-defined]
            parts.append("settled")
        return "/".join((self.base, str(kind.__struct_config__.tag), *parts))


def address(url: str) -> Address:
    """The address in `mqtt(s)://HOST[:PORT]/DESK`. Raises UsageError for any other, and for one with a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise UsageError(f"{url!r} is no address of a desk on a broker ({fault})", _FORM) from None
    if parts.username is not None or parts.password is not None:
        # The text itself isn't repeated: it may hold a password.
        raise UsageError(
            "an address of a broker carries no user and no password",
            "put them into deskmon.toml: [mqtt] user = \"…\", password = \"env:NAME\" or \"file:PATH\"",
        )  # fmt: skip
    desk = parts.path.removeprefix("/")
    if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment or port == 0:
        raise UsageError(f"{url!r} is no address of a desk on a broker", _FORM)
    if not is_name(desk):
        raise UsageError(f"{desk!r} is no name of a desk", f"1 to 32 letters, digits, _ . or -: {_FORM}")
    return Address(parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "mqtts", desk)


def is_address(url: str) -> bool:
    """Whether `url` is meant for a broker."""
    return url.partition(":")[0] in _PORTS


def is_name(text: str) -> bool:
    """Whether a desk or a hub may be called so."""
    return _NAME.fullmatch(text) is not None


_segment: Callable[[str], str] = lru_cache(maxsize=16_384)(lambda text: quote(text, safe=""))
"""One level of a topic: all but letters, digits and `_.-~` percent-encoded, so that data can't choose the topic."""
