"""What can't be meant in `[alerts]` where a hub sends what fires. A secret that stands in a file is refused, and not
repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path as FilePath
from typing import Any
from urllib.parse import urlsplit

from deskmon.config.findings import Findings, Path
from deskmon.config.secrets import exposure
from deskmon.secrets import FORM, is_reference

INSTALL = "python -m pip install 'deskmon[notify]'"
SCHEMES = {"webhook": ("http", "https"), "ntfy": ("http", "https"), "mqtt": ("mqtt", "mqtts")}
_WRITTEN = {"webhook": "https://HOST/PATH", "ntfy": "https://HOST/TOPIC", "mqtt": "mqtts://HOST/TOPIC"}


def check_routes(data: Mapping[str, Any], findings: Findings, file_of: Callable[[Path], FilePath | None]) -> None:
    """Report what can't be meant in `data`, the merged tree. file_of: the file that a key stands in."""
    alerts = data.get("alerts")
    if not isinstance(alerts, dict):
        return
    routes = alerts.get("routes")
    for name, route in routes.items() if isinstance(routes, dict) else ():
        if isinstance(route, dict):
            has_broker = isinstance(data.get("mqtt"), dict) and data["mqtt"].get("url") is not None
            _check(("alerts", "routes", name), route, has_broker, findings, file_of)
    heartbeat = alerts.get("heartbeat")
    if isinstance(heartbeat, str) and not is_reference(heartbeat):
        path = ("alerts", "heartbeat")
        _address(path, heartbeat, ("http", "https", "mqtt", "mqtts"), "https://HOST/PATH", findings, file_of)


def _check(
    path: Path, route: dict[str, Any], has_broker: bool, findings: Findings, file_of: Callable[[Path], FilePath | None]
) -> None:
    kind, url, token = route.get("type"), route.get("url"), route.get("token")
    if url is None and not (kind == "mqtt" and has_broker):
        findings.error((*path, "url"), f"missing; {FORM}, or an address that is no secret")
    if isinstance(url, str) and not is_reference(url):
        place = (*path, "url")
        if kind == "apprise":
            findings.error(place, f"an address of apprise is a secret; {FORM}" + exposure(file_of(place)))
        elif kind in SCHEMES:
            _address(place, url, SCHEMES[kind], _WRITTEN[kind], findings, file_of)
    if isinstance(token, str) and not is_reference(token):
        place = (*path, "token")
        findings.error(place, f"a secret doesn't stand in a config; {FORM}" + exposure(file_of(place)))
    _check_proxy(path, route, findings, file_of)
    if kind == "apprise" and find_spec("apprise") is None:
        findings.warn((*path, "type"), f"apprise isn't installed: nothing is sent on this route; {INSTALL}")
    if route.get("severities") == []:
        findings.warn((*path, "severities"), "nothing is sent on this route")
    quiet = route.get("quiet")
    if isinstance(quiet, str) and len(set(quiet.split("-"))) == 1:
        findings.error((*path, "quiet"), "begins and ends at the same time")


def _check_proxy(
    path: Path, route: dict[str, Any], findings: Findings, file_of: Callable[[Path], FilePath | None]
) -> None:
    proxy = route.get("proxy")
    if not isinstance(proxy, str):
        return
    if route.get("type") not in ("webhook", "ntfy"):
        findings.warn((*path, "proxy"), "only webhook and ntfy go through it; apprise takes the environment's")
    if proxy.casefold().startswith("socks"):
        findings.error((*path, "proxy"), "a route goes through a proxy of HTTP, not of SOCKS; write http://HOST:PORT")
    elif not is_reference(proxy):
        _address((*path, "proxy"), proxy, ("http",), "http://HOST:PORT", findings, file_of)


def _address(
    path: Path,
    url: str,
    schemes: tuple[str, ...],
    written: str,
    findings: Findings,
    file_of: Callable[[Path], FilePath | None],
) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of brackets, and of a port beyond 65535
        findings.error(path, f"no address; write {written}, a port from 1 to 65535")
        return
    if parts.username is not None or parts.password is not None:
        findings.error(path, f"an address carries no user and no password; {FORM}" + exposure(file_of(path)))
    elif not usable:
        findings.error(path, f"no address for this; write {written}")
