"""Libraries of tables and plots stay off the frame path: no hub and no screen imports one, nor does a small command."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("pandas", "pyarrow", "plotext", "duckdb", "numpy.ma", "numpy.random", "numpy.fft")
"""What costs memory or time where nothing is made of it: numpy.ma alone takes 1.4 MB."""
WITH_PANDAS = {"pandas", "pyarrow", "numpy.ma", "numpy.random"}
HUB = """
import deskmon.hub.hub, deskmon.hub.look_back, deskmon.hub.worker, deskmon.mqtt.hub.endpoint, deskmon.past
from deskmon.config.loading import load
from deskmon.plugins import feed_names, load_feed
[load_feed(name) for name in feed_names() if name not in ("ccxt", "deribit_options")]  # ccxt imports what it finds
"""
SCREEN = """
import deskmon.desk.app, deskmon.desk.snapshot, deskmon.mqtt.client.link
from deskmon.plugins import load_panel, panel_names
from deskmon.samples import NOW, model_of, sample_events
from deskmon.components.panel import Frame
model = model_of(sample_events("full"))
[load_panel(name)().draw(Frame(model, NOW, 80, 24)) for name in panel_names()]
"""
EXPORT = """
from deskmon.cli import main
main(["export", "--demo", "--kind", "liquidations", "--from", "+0", "--to", "+1s", "--out", "x.csv"])
"""
FRAMES = "import deskmon.frames, pyarrow"


@pytest.mark.parametrize(
    ("code", "imported"),
    [(HUB, set()), (SCREEN, set()), (EXPORT, set()), (FRAMES, WITH_PANDAS)],
    ids=["hub", "screen", "export of a csv", "frames, where pandas finds pyarrow"],
)
def test_only_who_needs_a_library_imports_it(tmp_path, code, imported):
    asked = f"{code}\nimport sys\nprint(*{HEAVY} & sys.modules.keys())".replace(repr(HEAVY), repr(set(HEAVY)))
    done = subprocess.run([sys.executable, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert set(done.stdout.splitlines()[-1].split()) == imported
