"""`deskmon new` writes a panel and a feed that pass the tests written beside them."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from deskmon.errors import UsageError
from deskmon.scaffold import entry_point_line, write


def test_what_it_writes_passes_its_own_tests(tmp_path):
    written = [*write("panel", "my_spread", tmp_path), *write("feed", "my_prices", tmp_path)]
    assert [path.name for path in written] == ["my_spread.py", "test_my_spread.py", "my_prices.py", "test_my_prices.py"]
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0 and "5 passed" in done.stdout, done.stdout + done.stderr


def test_the_entry_point_names_the_class():
    line = tomllib.loads(entry_point_line("panel", "my_spread"))
    assert line == {"project": {"entry-points": {"deskmon.panels": {"my_spread": "my_spread:MySpread"}}}}


@pytest.mark.parametrize("name", ["My", "two words", "a-b", "1st", "_x", "", "größe", "../up"])
def test_a_name_that_is_no_module_is_refused(name, tmp_path):
    with pytest.raises(UsageError, match="can't be a panel's name"):
        write("panel", name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "test_mine.py").write_text("precious")
    with pytest.raises(UsageError, match=r"test_mine\.py exists"):
        write("feed", "mine", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["test_mine.py"]
