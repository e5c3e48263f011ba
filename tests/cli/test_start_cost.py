"""What every start of a desk would pay for, and needs not: modules without work before the first figure, and
annotations that are compiled again."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, get_args

import msgspec
import pytest

from deskmon.config.schema import Config
from deskmon.events import StreamEvent

SCREEN = """
import sys
from argparse import Namespace
import deskmon.cli.log_file, deskmon.desk.app, deskmon.transport.link
from deskmon.cli import parser, session
session.on_demo(parser.parse(["demo", "simulator"]), "simulator")
print(*sys.modules)
"""
HUB = """
import sys, deskmon.cli.hub, deskmon.cli.session, deskmon.hub.server
from deskmon.plugins import load_feed
load_feed("demo")
print(*sys.modules)
"""
FIRST_FRAME = """
import asyncio, sys
from deskmon.cli import parser, session
from deskmon.desk.app import DeskApp
args = parser.parse(["demo", "simulator"])
config = session.on_demo(args, "simulator")
class Shell(DeskApp):
    painted = asyncio.Event()
    async def _begin(self):
        self.found = [self.desk.canvas.text(), *sys.modules]
        self.painted.set()
shell = Shell(config, session.private_link(config, args))
async def show():
    async with shell.run_test(size=(200, 50)):
        await shell.painted.wait()
asyncio.run(show())
print(*shell.found, sep="\\n")
"""
SETTINGS = {f"deskmon.analytics.{name}" for name in ("level_settings", "wave_settings")}
"""What the configuration is checked by, which stands beside the figures that it is about."""
UNUSED = {"deskmon.cli.log_handler", "importlib.metadata", "importlib.resources", "logging.handlers", "numpy"}
OF_OTHERS = {
    "deskmon.config.loading",
    "deskmon.hub.bind",
    "deskmon.hub.metrics_endpoint",
    "deskmon.mqtt.client.broker",
}


@pytest.mark.parametrize(("code", "unused"), [(SCREEN, UNUSED), (HUB, UNUSED | OF_OTHERS)], ids=["screen", "hub"])
def test_a_start_imports_nothing_that_it_needs_not(tmp_path, code, unused):
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "deskmon.cli.session" in done.stdout
    assert not unused & set(done.stdout.split())


def test_the_first_frame_is_painted_without_the_code_of_a_market(tmp_path):
    done = subprocess.run([sys.executable, "-c", FIRST_FRAME], cwd=tmp_path, capture_output=True, text=True, check=True)
    header, *panels, footer = done.stdout.splitlines()[:50]
    assert "deskmon" in header and "quit" in footer
    assert sum("1 prices ─" in line for line in panels) == 1
    assert sum("loading the market" in line for line in panels) >= 5
    imported = set(done.stdout.split())
    of_market = {
        name for name in imported if name.startswith(("deskmon.model", "deskmon.analytics.", "deskmon.widgets."))
    }
    assert of_market <= SETTINGS
    assert {name for name in imported if name.startswith("deskmon.components.")} == {
        "deskmon.components.choices", "deskmon.components.panel", "deskmon.components.text",
    }  # fmt: skip


def structs_in(kind: Any) -> set[type[msgspec.Struct]]:
    """A struct and those in its fields, or those in a union or another type."""
    found: set[type[msgspec.Struct]] = set()
    waiting = [kind]
    while waiting:
        each = waiting.pop()
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            if each not in found:
                found.add(each)
                waiting += [field.type for field in msgspec.structs.fields(each)]
        else:
            waiting += get_args(each)
    return found


@pytest.mark.parametrize(("kind", "least"), [(Config, 20), (StreamEvent, 20)], ids=["configuration", "events"])
def test_the_annotations_of_what_each_start_reads_are_no_texts(kind, least):
    structs = structs_in(kind)
    assert len(structs) >= least
    own = {base for each in structs for base in each.__mro__ if base.__module__.startswith("deskmon.")}
    assert [base for base in own if any(isinstance(a, str) for a in base.__annotations__.values())] == []
