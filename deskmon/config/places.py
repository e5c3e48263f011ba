"""Where a desk keeps its files unless the configuration says otherwise."""

from __future__ import annotations

from pathlib import Path

from deskmon.config.schema import JournalConfig, ReportConfig


def journal_folder(config: JournalConfig) -> Path:
    """The folder of the rolling journal."""
    if config.folder is not None:
        return Path(config.folder).expanduser()
    import platformdirs

    return platformdirs.user_state_path("deskmon") / "journal"


def report_folder(config: ReportConfig) -> Path:
    """The folder of reports that are made by schedule."""
    if config.folder is not None:
        return Path(config.folder).expanduser()
    import platformdirs

    return platformdirs.user_state_path("deskmon") / "reports"
