"""How a venue is reached: through a proxy, and with the keys of mirrors. Imports no ccxt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from deskmon.feedkit import is_reference, read_secret

SCHEMES = ("http", "https", "socks4", "socks5", "socks5h")
"""Of proxies. `socks5h` lets the proxy look names up."""


def proxy_settings(proxy: str | None) -> dict[str, str]:
    """ccxt's settings for a proxy of requests and websockets alike. Raises ConfigError for a secret that can't be
    read."""
    if proxy is None:
        return {}
    address = read_secret(proxy, "proxy") if is_reference(proxy) else proxy
    requests, websockets = ("socksProxy", "wsSocksProxy") if address.startswith("socks") else ("httpsProxy", "wssProxy")
    return {requests: address, websockets: address}


class MirrorKeys:
    """Headers with the keys of mirrors: sent to the hosts of an operator's own addresses, and to no other."""

    def __init__(self, headers: Mapping[str, str], urls: Mapping[str, Any]) -> None:
        """Raises ConfigError for a secret that can't be read."""
        self._headers = {name: read_secret(told, f"headers.{name}") for name, told in headers.items()}
        self._hosts = {urlsplit(address).netloc for address in _addresses(urls)}

    def of(self, url: str) -> dict[str, str]:
        """What to send with a request, or with the handshake of a websocket, to `url`."""
        return dict(self._headers) if self._headers and urlsplit(url).netloc in self._hosts else {}


def doubts(proxy: str | None, headers: Mapping[str, str], urls: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(option, what is wrong with it), for `deskmon check`."""
    found = []
    if proxy is not None and not is_reference(proxy):
        parts = urlsplit(proxy)
        if parts.scheme not in SCHEMES or not parts.hostname:
            found.append(("proxy", f"{parts.scheme or 'no'} scheme, or no host: write SCHEME://HOST:PORT with one of "
                                   f"{', '.join(SCHEMES)}"))  # fmt: skip
        elif parts.password is not None:
            found.append(
                ("proxy", 'a password doesn\'t stand in a config; write the address as "env:NAME" or "file:PATH"')
            )
    for name, told in headers.items():
        if not is_reference(told):
            found.append(("headers", f'{name}: a key doesn\'t stand in a config; write "env:NAME" or "file:PATH"'))
    if headers and not urls:
        found.append(("headers", "keys go to a mirror alone: name its addresses in `urls`"))
    return found


def _addresses(urls: Any) -> Iterator[str]:
    if isinstance(urls, Mapping):
        for part in urls.values():
            yield from _addresses(part)
    elif isinstance(urls, str):
        yield urls
