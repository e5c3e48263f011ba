"""The kit of authors of feeds: its options are known to type checkers, and what a feed gets works alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deskmon.events import OpenInterest
from deskmon.feedkit import Feed
from deskmon.scaffold import write
from deskmon.testing import FeedProbe

ROOT = Path(__file__).parents[2]


class Priced(Feed):
    name = "priced"
    title = "Priced"

    class Options(Feed.Options, frozen=True):
        every_s: float = 5.0


def mypy(folder: Path) -> str:
    """What `mypy --strict` says of the modules in a folder."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache" / "authors"), "."]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "MYPYPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_a_scaffolded_feed_is_clean_under_mypy_strict_and_a_misspelt_option_is_found(tmp_path):
    source, _ = write("feed", "my_prices", tmp_path)
    (tmp_path / "misspelt.py").write_text(source.read_text().replace("self.options.url", "self.options.address"))
    said = mypy(tmp_path)
    faults = [line for line in said.splitlines() if ": error:" in line]
    assert len(faults) == 2 and all(
        line.startswith("misspelt.py") and '"Options" has no attribute "address"' in line for line in faults
    ), said


def test_a_feed_without_options_has_its_defaults():
    assert Priced("mine").options == Priced.Options() and Priced("mine").options.every_s == 5.0
    assert Priced("mine", Priced.Options(every_s=1.0)).options.every_s == 1.0


def test_options_are_not_set_from_outside():
    with pytest.raises(AttributeError):
        Priced("mine").options = Priced.Options()


def test_a_desk_of_its_own_stores_nothing_and_grants_every_claim():
    context = FeedProbe().context()
    assert context.stored_times(OpenInterest, "okx", "BTC/USDT:USDT") == ()
    assert context.claim_candles("okx", "BTC/USDT:USDT")
