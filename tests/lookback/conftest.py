"""A journal to look back into, written once."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.timelines.builders import HEADER
from tests.timelines.folders import SECONDS, write_folder


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of a market in three segments with checkpoints."""
    made = tmp_path_factory.mktemp("desk")
    header = replace(HEADER, started=SECONDS[0][0].arrival)
    write_folder(made, SECONDS, each=20, checkpoint_every=5, header=header)
    return made
