"""The gallery of the weeks holds what the desk finds today; pictures and reports are written by its command."""

from __future__ import annotations

import pytest

from deskmon import plugins
from tests.markets import reconstructed
from tests.reconstructions.gallery import FOLDER, PICTURED, page, pictured
from tests.reconstructions.published import NAMES
from tests.written import same_as_written


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_a_week_has_the_figures_that_the_desk_finds(name: str) -> None:
    same_as_written(FOLDER / f"{name}.md", page(name, reconstructed(name).read))


@pytest.mark.parametrize("name", NAMES)
def test_each_week_has_three_pictures_of_its_moments_and_its_report(name: str) -> None:
    moments = plugins.construct("demo", plugins.load_feed("demo"), {"name": name}).moments()
    assert [moment.name for moment in pictured(name, moments)] == list(PICTURED[name])
    pictures = [(FOLDER / f"{name}-{number}.svg").read_text(encoding="utf-8") for number in (1, 2, 3)]
    assert all("RECONSTRUCTED" in picture for picture in pictures)
    assert "RECONSTRUCTED" in (FOLDER / f"{name}-report.md").read_text(encoding="utf-8")
