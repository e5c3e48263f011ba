"""What every start of a desk would pay for, and needs not: modules without work before the first frame, and annotations
that are compiled again."""

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
UNUSED = {"deskmon.cli.log_handler", "importlib.metadata", "importlib.resources", "logging.handlers", "numpy"}


def test_a_screen_imports_nothing_that_its_first_frame_needs_not(tmp_path):
    done = subprocess.run([sys.executable, "-c", SCREEN], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not UNUSED & set(done.stdout.split())


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
