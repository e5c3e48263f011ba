"""Only a live desk of one's own keeps the rolling journal: not what is looked at for a moment, or played."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskmon.cli import main, session
from deskmon.errors import DeskError

LIVE = '[feeds.okx]\ntype = "ccxt"\nexchange = "okx"\n'


@pytest.fixture
def hubs(monkeypatch, tmp_path):
    """Configurations that a command handed to its private hub, none of which starts."""
    monkeypatch.chdir(tmp_path)
    Path("deskmon.toml").write_text(LIVE)
    handed = []

    def refuse(config, args):
        handed.append(config)
        raise DeskError("no hub in this test")

    monkeypatch.setattr(session, "private_link", refuse)
    monkeypatch.setattr("deskmon.cli.desk._drawable", lambda: True)
    return handed


@pytest.mark.parametrize(
    ("argv", "records"),
    [
        ([], True), (["--kiosk"], False), (["demo"], False), (["state"], False), (["snapshot"], False),
    ],
)  # fmt: skip
def test_only_a_live_desk_of_its_own_keeps_the_rolling_journal(hubs, argv, records):
    main(argv)
    assert [config.journal.enabled for config in hubs] == [records]
