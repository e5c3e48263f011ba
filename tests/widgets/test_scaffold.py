"""`deskmon new` writes a panel or a feed, its test and its package; test_authors_hour.py runs what it writes."""

from __future__ import annotations

import tomllib

import pytest

from deskmon.errors import UsageError
from deskmon.scaffold import entry_point_line, write


def test_it_writes_a_module_and_its_test(tmp_path):
    written = [*write("panel", "my_spread", tmp_path), *write("feed", "my_prices", tmp_path)]
    assert [path.name for path in written] == ["my_spread.py", "test_my_spread.py", "my_prices.py", "test_my_prices.py"]


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


def test_a_package_holds_each_module_and_its_entry_point_and_leaves_the_rest_of_its_file(tmp_path):
    assert [path.name for path in write("panel", "my_spread", tmp_path, package=True)][2:] == ["pyproject.toml"]
    path = tmp_path / "pyproject.toml"
    path.write_text("# mine\n" + path.read_text())
    write("panel", "my_other", tmp_path, package=True)
    write("feed", "my_prices", tmp_path, package=True)
    text = path.read_text()
    assert text.startswith("# mine\n") and "\n\n\n" not in text and "\n\n[tool.setuptools]" in text
    project = tomllib.loads(text)
    assert project["tool"]["setuptools"]["py-modules"] == ["my_spread", "my_other", "my_prices"]
    assert project["project"]["entry-points"] == {
        "deskmon.panels": {"my_spread": "my_spread:MySpread", "my_other": "my_other:MyOther"},
        "deskmon.feeds": {"my_prices": "my_prices:MyPrices"},
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[project]\nname = "acme"\n', "has no py-modules of setuptools"),
        ('[build-system]\nbuild-backend = "hatchling.build"\n', "has no py-modules of setuptools"),
        ("[build-system]\nbuild-backend = \n", "can't be read"),
        ("tool = 1\n", "can't be read"),
    ],
)
def test_a_project_of_another_kind_is_left_as_it_is(text, words, tmp_path):
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=words):
        write("panel", "my_spread", tmp_path, package=True)
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]
    assert (tmp_path / "pyproject.toml").read_text() == text


def test_it_prints_what_it_did_and_what_comes_next(run):
    said = run("new", "panel", "my_spread", "--package").out
    assert said.startswith("wrote my_spread.py\nwrote test_my_spread.py\nwrote pyproject.toml\n")
    assert "  python -m pip install -e .\n  python -m pytest\n  deskmon demo --panel my_spread --reload\n" in said
    assert "added my_prices to pyproject.toml\n" in run("new", "feed", "my_prices", "--package").out
    said = run("new", "panel", "alone").out
    assert "next:\n  python -m pytest test_alone.py\n" in said and entry_point_line("panel", "alone") in said
