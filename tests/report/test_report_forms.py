"""The three forms of a report: valid, aligned, with the market's label, and with the words of others as text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import html5lib
import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deskmon.components.text import cell_width
from deskmon.report import FORMS, pictures, render
from deskmon.report.path_sets import together
from deskmon.report.plain import WIDTH
from deskmon.report.words import one_line, web_address
from tests.length import length
from tests.report.reports import report

SVG = "{http://www.w3.org/2000/svg}"
TAME = "the words of others"
HOSTILE = (
    "<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "a & b &lt;i&gt; &#60;b&#62;",
    '" onload="x', "'><svg/onload=x>", "[click](javascript:alert(1))", "![x](http://evil.example/p.png)",
    "<javascript:alert(1)>", "# heading", "- item", "1. item", "12) item", "> quote", "```\ncode", "`code`",
    "***bold***", "__init__", "~~gone~~", "a | b | c", "---", "===", "$x^2$ and $y$", "[^1]: note",
    "[ref]: javascript:alert(1)", "{: onclick=x }", "*[HTML]: x", ": definition", "\\`\\*\\", "www.evil.example",
    "http://evil.example/x", "\x1b[31mred\x1b[0m", "\x00\x07\x9b", "\u202eevil\u202c \u2066x\u2069",
    "a\u2028b\u2029c\r\nd", "e\u0301\u200d\u200b", "שלום 123 עולם", "\ttab", "    four blanks", "+ plus",
    "<!-- -->", "]]>", "<?php", "-->", "中文标题", "\U0001f3f3\ufe0f\u200d\U0001f308", "\ud7ff\ufffe",
)  # fmt: skip
"""Words that mean something to a browser, a reader of Markdown or a terminal."""

ADDRESSES = (
    "javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,<script>x</script>",
    "//evil.example", "/etc/passwd", "https://a.example/>)](javascript:x)", 'https://a.example/"onclick="x',
    "https://a.example/\u202ex y", "http://[::1", "vbscript:x", "https://",
)  # fmt: skip

some = st.text(max_size=80) | st.sampled_from(HOSTILE) | st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join)
anything = some.filter(lambda words: one_line(words).strip() != "")
addresses = st.text(max_size=60) | st.sampled_from(ADDRESSES)


def document(text: str) -> ElementTree.Element:
    """The page as a browser reads it. Raises ParseError for the first thing that isn't HTML as it should be."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def shape(page: ElementTree.Element) -> list[tuple[str, list[str]]]:
    """Elements and the names of their attributes, but for what depends on words all the same: links to addresses, how
    many lines a picture's caption takes, and how many sets paths make."""
    inside = {inner for picture in page.iter(f"{SVG}svg") for inner in picture.iter()}
    shown = [each for each in page.iter() if each not in inside and each.tag != "code"]
    shown = [each for each in shown if each.tag != "a" or each.get("href", "").startswith("#")]
    kinds = {(str(each.tag), tuple(sorted(each.attrib))) for each in inside}
    return [(str(each.tag), sorted({*each.attrib} - {"class"})) for each in shown] + [
        (tag, [*names]) for tag, names in sorted(kinds)
    ]


def texts(page: ElementTree.Element) -> str:
    return "".join(page.itertext())


def test_the_page_is_valid_html_that_loads_and_runs_nothing():
    page = document(render(report(), "html"))
    assert page.find("head/title").text == f"BTC, {TAME}: 2026-02-02 to 2026-02-06"
    assert [each.get("id") for each in page.iter("section")] == ["section-prices", "section-flows", "section-headlines"]
    assert not {"script", "img", "iframe", "link", "object", "form", "base"} & {each.tag for each in page.iter()}
    policy = next(each.get("content") for each in page.iter("meta") if each.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    assert len([*page.iter(f"{SVG}svg")]) == 2
    style = page.find("head/style").text
    assert "prefers-color-scheme: dark" in style and "@media print" in style and "url(" not in style


def expanded(path: str) -> set[str]:
    """The paths that a set with braces stands for, found in a slow and obvious way."""
    found = re.search(r"\{([^{}]*)\}", path)
    if found is None:
        return {path}
    keys = found[1].split(", ")
    return {each for key in keys for each in expanded(path[: found.start()] + key + path[found.end() :])}


names = st.sampled_from(("BTC", "ETH", "usd", "[-1]", "[-2]", '"a.b"', "waves"))
paths = st.lists(names, min_size=1, max_size=4).map(lambda steps: ".".join(["x", *steps]).replace(".[", "["))


@given(told=st.lists(paths, max_size=12))
def test_a_set_of_paths_stands_for_these_and_no_other(told):
    sets = together(told)
    places = re.compile(r"\[([^\]]*, [^\]]*)\]")
    written = [places.sub(lambda found: f"{{[{found[1].replace(', ', '], [')}]}}", each) for each in sets]
    every = [path for each in written for path in expanded(each)]
    assert sorted(every) == sorted(set(told))


def test_each_figure_of_the_page_shows_its_path_moment_and_source_without_hovering():
    page = document(render(report(), "html"))
    listed = {each.get("id"): each for each in page.iter("li") if each.get("id")}
    figures = [each for each in page.iter("span") if "figure" in each.get("class", "")]
    marks = [each.find("a").get("href") for each in page.iter("sup")]
    assert len(figures) == len(marks) == 15
    for figure, mark in zip(figures, marks, strict=True):
        source = listed[mark.removeprefix("#")]
        assert re.match(r"2026-02-0\d \d\d:\d\dZ, \w", texts(source))
        assert figure.get("data-path") in {path for code in source.iter("code") for path in expanded(texts(code))}


@pytest.mark.parametrize("form", FORMS)
def test_label_note_span_and_coverage_stand_before_the_first_section(form):
    head = render(report("gaps on Friday"), form).partition("What moved")[0]
    for words in (
        "RECONSTRUCTED market",
        "gaps on Friday",
        "2026-02-02 00:00Z",
        "2026-02-06 18:00Z",
        "Liquidations are heard",
    ):
        assert words in " ".join(head.split())
    assert "15 known, 1 unknown" in head


@pytest.mark.parametrize("form", FORMS)
def test_what_is_unknown_is_said_with_why_in_its_section(form):
    text = render(report("no feed told it"), form)
    found = text[text.index("Unknown:") :]
    assert found.index("prices.ZEC.last") < found.index("unknown: no feed told it") < found.index("Funds")


@given(words=anything)
@settings(max_examples=length(20, 200))
def test_words_of_others_change_nothing_of_the_page_but_its_text(words):
    page = document(render(report(words), "html"))
    assert shape(page) == shape(document(render(report(), "html")))
    assert texts(page.find("body")).count(one_line(words)) >= 10


@given(words=anything, url=addresses)
@settings(max_examples=length(20, 200))
def test_links_lead_to_web_pages_alone(words, url):
    page = document(render(report(words, url), "html"))
    links = {each.get("href") for each in page.iter("a")}
    assert all(re.fullmatch(r"#section-[\w-]+|https?://[!-~]+", link, flags=re.IGNORECASE) for link in links)
    html = markdown.markdown(render(report(words, url), "md"), extensions=["tables"])
    assert all(re.match("https?://", link, flags=re.IGNORECASE) for link in re.findall(r'href="([^"]*)"', html))
    assert (web_address(url) is None) == ("href" not in html)


def tokens(text: str) -> list[str]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    flat = [inner for token in parser.parse(text) for inner in (token, *(token.children or ()))]
    return [token.type for token in flat if token.type not in ("text", "text_special", "code_inline", "inline")]


@given(words=anything)
@settings(max_examples=length(20, 200))
def test_words_of_others_are_text_to_readers_of_markdown(words):
    text, tame = render(report(words), "md", "week"), render(report(), "md", "week")
    assert tokens(text) == tokens(tame)
    pages = [
        document(f"<!DOCTYPE html><title>x</title>{markdown.markdown(each, extensions=['extra', 'sane_lists', 'toc'])}")
        for each in (text, tame)
    ]
    assert [tag for tag, _ in shape(pages[0])] == [tag for tag, _ in shape(pages[1])]


@given(words=anything)
def test_text_fits_a_mail(words):
    lines = render(report(words), "txt").splitlines()
    assert max(map(cell_width, lines)) <= WIDTH


def test_columns_of_text_are_aligned_and_a_table_without_room_becomes_rows():
    text = render(report("ZEC"), "txt")
    rows = [line for line in text.splitlines() if re.match(r"(BTC|ETH|ZEC)  ", line)]
    assert len(rows) == 3 and len({line.index("%") for line in rows}) == 1
    assert "ZEC: 2026-02-02 in USD −072.00M, 2026-02-03 in USD" in " ".join(text.split())


def test_a_long_address_stays_whole_in_a_mail():
    url = f"https://news.example/{'a' * 100}"
    assert any(line == f"<{url}>" for line in render(report(url=url), "txt").splitlines())


@given(words=anything, url=addresses)
def test_nothing_in_any_form_steers_a_terminal_or_hides(words, url):
    shown = report(words, url)
    for text in (*(render(shown, form) for form in FORMS), *pictures(shown, "week").values()):
        assert all(char == "\n" or char.isprintable() for char in text)


@given(words=anything)
def test_charts_are_pictures_by_the_names_that_markdown_shows(words):
    shown = report(words)
    beside = pictures(shown, "week")
    assert (
        re.findall(r"\(<(.*?\.svg)>\)", render(shown, "md", "week"))
        == list(beside)
        == ["week-prices-1.svg", "week-flows-1.svg"]
    )
    for text in beside.values():
        tree = ElementTree.fromstring(text)
        assert "RECONSTRUCTED market" in texts(tree)
    assert len([*ElementTree.fromstring(beside["week-flows-1.svg"]).iter(f"{SVG}rect")]) == 5 + 3


@given(url=addresses)
def test_an_address_is_a_web_page_or_none(url):
    address = web_address(url)
    assert address is None or re.fullmatch(r"https?://[!#-;=?-Z_a-z~&]+", address, flags=re.IGNORECASE)
