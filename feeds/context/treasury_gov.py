"""The US Treasury's daily yield curve, Atom with its own elements."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from deskmon.events import Metric
from deskmon.feeds.context.answers import CLOSED, Answer, Unreadable, at_hour, day, is_page, number

PROVIDER = "US Treasury"
_SPACE = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"


def us10y(answer: Answer) -> Iterator[Metric]:
    """The 10-year yield of each day, percent. Raises Unreadable."""
    if is_page(answer.content):
        raise Unreadable("a web page in place of XML")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(answer.content, parser)
    except etree.XMLSyntaxError as fault:
        raise Unreadable(f"no XML: {fault}") from fault
    found = False
    for properties in root.iter("{*}properties"):
        when, value = properties.findtext(f"{_SPACE}NEW_DATE"), properties.findtext(f"{_SPACE}BC_10YEAR")
        if when is None or value is None:
            raise Unreadable("an entry has no NEW_DATE or no BC_10YEAR")
        found, percent = True, number(value)
        if percent is not None:
            ts = at_hour(day(when[:10]), CLOSED)
            yield Metric(ts=ts, name="us10y", value=percent, unit="percent", source=PROVIDER)
    if not found:
        raise Unreadable("no entry of a day")
