"""The report of each built-in week tells, in the desk's own words, what was published of it."""

from __future__ import annotations

import pytest

from tests.report.made import markdown_of
from tests.report.published import NAMES, missing, rows, statements


@pytest.mark.parametrize("name", NAMES)
def test_a_report_tells_nine_in_ten_of_the_published_figures_and_why_not_the_others(name):
    stated = rows(name)
    lacking = missing(stated, list(statements(markdown_of(name))))
    assert [f"{each.label}: {each.words} {each.published}" for each in lacking if not each.reason] == []
    assert [each.label for each in stated if each.reason and each not in lacking] == []
    assert len(lacking) <= len(stated) / 10
