"""The desk as users get it: a wheel in an environment of its own, with all that it needs from the package index."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.install
@pytest.mark.timeout(900)
def test_what_is_installed_draws_a_market_far_from_the_checkout(tmp_path: Path) -> None:
    def ran(*argv: str | Path) -> str:
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    ran(sys.executable, "-m", "venv", "env")
    pip = (tmp_path / "env" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    ran(*pip, "--constraint", ROOT / "constraints.txt", ROOT)
    desk = tmp_path / "env" / "bin" / "deskmon"
    where = ran(tmp_path / "env" / "bin" / "python", "-c", "import deskmon.widgets; print(deskmon.widgets.__file__)")
    assert Path(where.strip()).is_relative_to(tmp_path)
    assert "fine" in ran(desk, "check")
    for layout in ("default", "options", "flows"):
        frame = ran(desk, "snapshot", "--demo", "--at", "+1s", "--layout", layout, "--size", "160x48")
        assert "SIMULATED" in frame and "isn't installed" not in frame and "failed" not in frame
    assert ran(desk, "snapshot", "--demo", "--at", "+1s", "--theme", "light", "--format", "svg").startswith("<svg")
