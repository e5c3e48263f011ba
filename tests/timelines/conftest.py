"""A folder of segments that several modules read, written once per process."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.timelines.folders import SECONDS, write_folder


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three segments of 20 s each with a checkpoint before every fifth second; nobody changes it."""
    folder = tmp_path_factory.mktemp("segments")
    write_folder(folder, SECONDS, each=20, checkpoint_every=5)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy of it, which a test may change."""
    return shutil.copytree(written, tmp_path / "desk")
