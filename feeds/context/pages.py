"""Web pages and the text in them, through a parser that takes what browsers take."""

from __future__ import annotations

from lxml import etree, html

from deskmon.feeds.context.answers import Unreadable


def page(content: bytes) -> html.HtmlElement:
    """The root of a page, UTF-8 unless it says otherwise. Raises Unreadable for what holds none."""
    try:
        return html.document_fromstring(content, parser=html.HTMLParser(encoding=_encoding(content)))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as fault:
        raise Unreadable(f"no web page: {fault}") from fault


def text(element: html.HtmlElement) -> str:
    """All text in an element on one line."""
    return " ".join(element.text_content().split())


def plain(markup: str) -> str:
    """A text that may hold markup, without it, on one line."""
    return text(html.fragment_fromstring(markup, create_parent="p")) if "<" in markup else " ".join(markup.split())


def _encoding(content: bytes) -> str | None:
    """None where the page declares its own."""
    return None if b"charset" in content[:2048].lower() else "utf-8"
