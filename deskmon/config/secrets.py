"""Secrets: deskmon.toml names where they are and never holds one."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from deskmon.config.findings import Findings
from deskmon.config.schema import MqttConfig
from deskmon.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from deskmon.mqtt.client.broker import Credentials

FORM = 'write password = "env:NAME" or password = "file:PATH"'
_MOST = 4_096


def check_mqtt(data: Mapping[str, Any], path: FilePath, findings: Findings) -> None:
    """Report what can't be meant in `[mqtt]`, `data` being the merged tree and `path` the file in use. A secret that
    stands in the file is refused, and not repeated."""
    mqtt = data.get("mqtt")
    if not isinstance(mqtt, dict):
        return
    from deskmon.mqtt.client.topics import address, is_name

    url, hub, password = mqtt.get("url"), mqtt.get("hub"), mqtt.get("password")
    if isinstance(url, str):
        try:
            address(url)
        except UsageError as fault:
            findings.error(("mqtt", "url"), str(fault) + _exposed(path) * ("@" in url))
    if isinstance(hub, str) and not (is_name(hub) and len(hub) <= 24):
        findings.error(("mqtt", "hub"), "a hub is called by 1 to 24 letters, digits, _ . or -")
    if isinstance(password, str) and not _is_reference(password):
        findings.error(("mqtt", "password"), f"a secret doesn't stand in a config; {FORM}" + _exposed(path))
    if mqtt.get("password") is not None and mqtt.get("user") is None:
        findings.error(("mqtt", "password"), "a password goes with a user")
    if (mqtt.get("certificate") is None) != (mqtt.get("key") is None):
        findings.error(("mqtt", "certificate"), "certificate and key go together")


def credentials(config: MqttConfig, environ: Mapping[str, str] = os.environ) -> Credentials:
    """Who the config says we are, its secrets read. Raises ConfigError where one is missing, or others can read it."""
    from deskmon.mqtt.client.broker import Credentials

    files = {
        name: None if path is None else str(FilePath(path).expanduser())
        for name, path in (("ca", config.ca), ("certificate", config.certificate), ("key", config.key))
    }
    for name, path in files.items():
        if path is not None:
            _mode(FilePath(path), f"mqtt.{name}", secret=name == "key")
    password = None if config.password is None else read(config.password, "mqtt.password", environ)
    return Credentials(config.user, password, files["ca"], files["certificate"], files["key"])


def read(reference: str, key: str, environ: Mapping[str, str] = os.environ) -> str:
    """The secret that `env:NAME` or `file:PATH` names, for the config's `key`. Raises ConfigError, without it."""
    kind, _, place = reference.partition(":")
    if not _is_reference(reference):
        raise _unusable(f"{key}: a secret doesn't stand in a config", FORM)
    if kind == "env":
        secret = environ.get(place, "")
        if not secret:
            raise _unusable(f"{key}: ${place} is not set", f"export {place}, or use file:PATH")
        return secret
    path = FilePath(place).expanduser()
    _mode(path, key, secret=True)
    try:
        lines = path.read_bytes()[:_MOST].decode().splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise _unusable(f"{key}: {path} can't be read ({fault})", "put the secret alone on its first line") from None
    if not lines or not lines[0]:
        raise _unusable(f"{key}: {path} is empty", "put the secret alone on its first line")
    return lines[0]


def _is_reference(text: str) -> bool:
    kind, _, place = text.partition(":")
    return kind in ("env", "file") and bool(place.strip())


def _mode(path: FilePath, key: str, *, secret: bool) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise _unusable(f"{key}: {path}: {reason}", "name a file that is there") from None
    if not stat.S_ISREG(mode):
        raise _unusable(f"{key}: {path} is no file", "name a file")
    if secret and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _unusable(f"{key}: {path} can be read by others", f"chmod 600 {path}")


def _unusable(message: str, remedy: str) -> ConfigError:
    return ConfigError([f"{message}; {remedy}"])


def _exposed(path: FilePath) -> str:
    """What else to do about a secret that was written into `path`."""
    try:
        readable = path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    except OSError:
        return ""
    return f"; others can read {path}: chmod 600 it, and choose another secret" if readable else ""
