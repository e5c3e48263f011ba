"""A third party's package, installed for a while."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deskmon import plugins
from tests.hub.acme import install


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the package, installed for this process and its children."""
    folder = tmp_path / "site"
    install(folder)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    plugins.forget()
    yield folder
    plugins.forget()
