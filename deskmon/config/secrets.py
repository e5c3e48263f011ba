"""Secrets: deskmon.toml names where they are and never holds one."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from deskmon.config.findings import Findings
from deskmon.config.schema import MqttConfig
from deskmon.errors import UsageError
from deskmon.secrets import check_mode, is_reference, read_secret

if TYPE_CHECKING:
    from deskmon.mqtt.client.broker import Credentials

FORM = 'write password = "env:NAME" or password = "file:PATH"'


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
    if isinstance(password, str) and not is_reference(password):
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
            check_mode(FilePath(path), f"mqtt.{name}", secret=name == "key")
    password = None if config.password is None else read_secret(config.password, "mqtt.password", environ)
    return Credentials(config.user, password, files["ca"], files["certificate"], files["key"])


def _exposed(path: FilePath) -> str:
    """What else to do about a secret that was written into `path`."""
    try:
        readable = path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    except OSError:
        return ""
    return f"; others can read {path}: chmod 600 it, and choose another secret" if readable else ""
