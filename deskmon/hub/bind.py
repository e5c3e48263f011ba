"""Where a hub listens for other programs: an address and a port."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from typing import NamedTuple

from deskmon.errors import UsageError


class Bind(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True)
class GuardedBind:
    """Where to answer, and the token that who asks must have, None for everybody."""

    bind: Bind
    token: str | None = field(repr=False)

    def __str__(self) -> str:
        return str(self.bind)


def parse_bind(text: str, option: str) -> Bind:
    """`127.0.0.1:9400`, `[::1]:9400`, or a port alone, which is of this machine only. Raises UsageError, which names
    the `option`."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else -1
    if not 0 <= number < 65_536 or (":" in host and not text.startswith("[")):
        raise UsageError(f"{option} {text!r} is no address", "write HOST:PORT, such as 127.0.0.1:9400")
    return Bind(host or "127.0.0.1", number)


def why_not(fault: OSError | UnicodeError) -> str:
    """Why nothing can listen at an address, in the system's words: asyncio puts much around them, names that aren't
    found have errors of their own, and one that is too long to be a name is no OSError."""
    if isinstance(fault, OSError) and fault.errno and fault.errno > 0:
        return os.strerror(fault.errno)
    return getattr(fault, "strerror", None) or str(fault)
