"""OpenSSL is loaded by who speaks TLS: `deskmon` imports asyncio without it, and who asks for it gets all of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

START = """
import sys
from deskmon.cli import main
main(["list", "themes"])
import asyncio, ssl
from deskmon.desk.calls import Caller
from deskmon.digest import digest
from deskmon.delivery import notice
from deskmon.hub import server
from deskmon.model.shape import shape
from deskmon.past import start_cache
shape()
from deskmon.desk.left import LastScreen
LastScreen("ana", lambda: None)
sys.stdout.write("\\f")
"""
LOADED = "print({'_ssl', '_hashlib'} & sys.modules.keys())"
USES = {
    "by a name": "print(type(ssl.create_default_context()).__name__)",
    "by a name from it": "from ssl import SSLContext; print(SSLContext.__name__)",
    "by all of it": "from ssl import *; print(SSLContext.__name__)",
    "by asyncio": "print(asyncio.sslproto.SSLProtocol.__init__.__globals__['ssl'].SSLContext.__name__)",
    "by an import of asyncio's": "import asyncio.sslproto as of; print(of.ssl.SSLContext.__name__)",
    "by many threads": """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    found = {*pool.map(lambda number: ssl.SSLContext, range(8))}
print(*(each.__name__ for each in found))
""",
}


def said(code: str) -> str:
    """What a process that began as `deskmon` prints."""
    done = subprocess.run([sys.executable, "-c", START + code], capture_output=True, text=True, check=True)
    return done.stdout.rpartition("\f")[2].strip()


def test_a_start_loads_no_openssl() -> None:
    assert said(LOADED) == "set()"


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_whoever_asks_for_tls_gets_it(use: str) -> None:
    assert said(use) == "SSLContext"


def test_what_tls_lacks_is_said_as_of_any_module() -> None:
    assert said("print(hasattr(ssl, 'nothing'), ssl.__name__, ssl.__spec__.name)") == "False ssl ssl"


LACKS = """
import sys
from deskmon.late_tls import load_tls_late
sys.modules["_ssl"] = None
load_tls_late()
import asyncio.base_events
print(asyncio.base_events.ssl)
"""
FAILS = """
import sys
from deskmon.late_tls import load_tls_late
load_tls_late()
import ssl
sys.modules["_ssl"] = None
for _ in range(2):
    try:
        ssl.SSLContext
    except ImportError as fault:
        print(fault.name)
"""


@pytest.mark.parametrize(("code", "words"), [(LACKS, ["None"]), (FAILS, ["_ssl", "_ssl"])], ids=["none", "broken"])
def test_a_python_without_openssl_says_so_as_ever(code: str, words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == words
