"""What stands first in a report: the sentences that its sections begin with."""

from __future__ import annotations

from deskmon.report.content import Figure, Paragraph, Section, Table
from deskmon.report.leading import summary
from deskmon.report.reading import BETWEEN


def section(name: str, *blocks: Paragraph | Table) -> Section:
    return Section(name, name.title(), blocks)


def figure(words: str) -> Figure:
    return Figure(words, "prices.BTC.last", 0, "binance")


def words(paragraph: Paragraph) -> str:
    return "".join(part if isinstance(part, str) else part.words for part in paragraph.parts)


def test_it_has_the_first_two_sentences_of_each_section_that_tells_a_figure() -> None:
    sentences = ["A is ", figure("1"), ".", BETWEEN, "B is ", figure("2"), ".", BETWEEN, "C is ", figure("3"), "."]
    long, short = Paragraph(sentences), Paragraph(["D is ", figure("4"), "."])
    unknown, table = Paragraph(["No price is known."]), Table("", ("a",), ())
    [made] = summary(
        [section("a", long, short), section("b", unknown), section("c", table, short), section("d", short)]
    )
    assert [words(block) for block in made.blocks if isinstance(block, Paragraph)] == [
        "A is 1. B is 2.", "D is 4.", "D is 4.",
    ]  # fmt: skip


def test_what_a_section_calls_its_lead_stands_there_instead() -> None:
    told = section("a", Paragraph(["A is ", figure("1"), "."]))
    [made] = summary([told, told, told._replace(lead=Paragraph(["Z is ", figure("9"), "."]))])
    assert [words(block) for block in made.blocks if isinstance(block, Paragraph)] == ["A is 1.", "A is 1.", "Z is 9."]


def test_a_short_report_needs_none() -> None:
    assert summary([section("a", Paragraph(["A is ", figure("1"), "."]))]) == []
