"""Secrets: deskmon.toml names where they are and never holds one."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from deskmon.config.findings import Findings, Path
from deskmon.config.schema import HttpConfig, MqttConfig
from deskmon.errors import ConfigError, UsageError
from deskmon.secrets import check_mode, is_reference, read_secret

if TYPE_CHECKING:
    from deskmon.mqtt.client.broker import Credentials

FORM = 'write password = "env:NAME" or password = "file:PATH"'
TOKEN_FORM = 'write token = "env:NAME" or token = "file:PATH"'
MIN_TOKEN = 16
"""Characters of the shortest token."""


def check_mqtt(data: Mapping[str, Any], findings: Findings, file_of: Callable[[Path], FilePath | None]) -> None:
    """Report what can't be meant in `[mqtt]` of `data`, the merged tree. A secret that stands in it is refused, and not
    repeated. file_of: the file that a key stands in, None where the command line has it."""
    mqtt = data.get("mqtt")
    if not isinstance(mqtt, dict):
        return
    from deskmon.mqtt.client.topics import address, is_name

    url, hub, password = mqtt.get("url"), mqtt.get("hub"), mqtt.get("password")
    if isinstance(url, str):
        try:
            address(url)
        except UsageError as fault:
            findings.error(("mqtt", "url"), str(fault) + ("@" in url) * exposure(file_of(("mqtt", "url"))))
    if isinstance(hub, str) and not (is_name(hub) and len(hub) <= 24):
        findings.error(("mqtt", "hub"), "a hub is called by 1 to 24 letters, digits, _ . or -")
    if isinstance(password, str) and not is_reference(password):
        exposed = exposure(file_of(("mqtt", "password")))
        findings.error(("mqtt", "password"), f"a secret doesn't stand in a config; {FORM}" + exposed)
    if mqtt.get("password") is not None and mqtt.get("user") is None:
        findings.error(("mqtt", "password"), "a password goes with a user")
    if (mqtt.get("certificate") is None) != (mqtt.get("key") is None):
        findings.error(("mqtt", "certificate"), "certificate and key go together")


MOST_NAME = 253
"""Characters of a host's name (RFC 1035)."""
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = rf"{_LABEL}(\.{_LABEL})*"


def check_http(data: Mapping[str, Any], findings: Findings, file_of: Callable[[Path], FilePath | None]) -> None:
    """Report a token that stands in `[http]` of `data`, the merged tree, as `check_mqtt` does a password, and hosts
    that nobody can ask for."""
    http = data.get("http")
    if not isinstance(http, dict):
        return
    hosts, token = http.get("hosts"), http.get("token")
    for index, host in enumerate(hosts if isinstance(hosts, list) else ()):
        if isinstance(host, str) and host and not (len(host) <= MOST_NAME and re.fullmatch(_HOST, host, re.IGNORECASE)):
            words = "no name of a host; write it without scheme, port and path: desk.example"
            findings.error(("http", "hosts", index), words)
    if isinstance(token, str) and not is_reference(token):
        exposed = exposure(file_of(("http", "token")))
        findings.error(("http", "token"), f"a secret doesn't stand in a config; {TOKEN_FORM}" + exposed)


def http_token(config: HttpConfig, environ: Mapping[str, str] = os.environ) -> str | None:
    """The token that who asks must send. Raises ConfigError where it is missing, others can read it, or it is shorter
    than MIN_TOKEN."""
    if config.token is None:
        return None
    token = read_secret(config.token, "http.token", environ)
    if len(token) < MIN_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        fault = f"http.token: a token has {MIN_TOKEN} letters and digits or more; openssl rand -hex 32 makes one"
        raise ConfigError([fault])
    return token


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


def exposure(path: FilePath | None) -> str:
    """What else to do about a secret that was written into `path`, or into a command where that is None."""
    if path is None:
        return "; `ps` shows a command line to everybody here: choose another secret"
    try:
        readable = path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    except OSError:
        return ""
    return f"; others can read {path}: chmod 600 it, and choose another secret" if readable else ""
