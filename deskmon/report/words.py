"""Words and addresses of others, as a report may write them: on one line, with nothing in them that steers a reader."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from deskmon import format as fmt
from deskmon.report.content import Inline, Link

SCHEMES = ("http", "https")
SAFE = "/?#&=:@!$'*+,;%-._~"
"""What stands in an address as it is; all else is written as %XX."""


def one_line(text: str) -> str:
    """Blanks of any kind are one blank, and what isn't printable stands as its number: \\u202e."""
    return fmt.escaped(re.sub(r"\s+", " ", text))


def words_of(part: Inline) -> str:
    """A part of a line as text on one line; of a link without words a dash."""
    words = one_line(part if isinstance(part, str) else part.words)
    return fmt.UNKNOWN if isinstance(part, Link) and not words.strip() else words


def web_address(url: str) -> str | None:
    """The address that a link may lead to, with no character that ends one in any form; None for what is no web page:
    `javascript:`, `data:`, a path."""
    try:
        found = urlsplit(url.strip())
        is_page = found.scheme.lower() in SCHEMES and bool(found.hostname)
    except ValueError:  # brackets that hold no address
        return None
    return quote(url.strip(), safe=SAFE) if is_page else None


def moment(ts: int) -> str:
    """A time to the minute: 2026-02-06 18:00Z."""
    return f"{fmt.date(ts)} {fmt.clock(ts)[:5]}Z"
