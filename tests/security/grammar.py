"""What deskmon may send to a terminal: printable text and a short list of sequences; everything else is a fault."""

import re
import unicodedata

_ALLOWED = re.compile(
    r"\x1b\[[\d;]*[mHABCDGXJK]"  # styles, moves, erasures
    r"|\x1b[DM]"  # a line down, a line up
    r"|(?<=[\u0800-\uffff])\x1b\[\d+b(\x1b\[6n\x1b\[2K)?"  # a character again; where the cursor is after that
    r"|\x1b\[\?\d+[hl]|\x1b\[\?\d+\$p|\x1b\[[<>]\d*u"  # modes, asked and set; the keyboard protocol
    r"|\x1b\]22;[a-z]+\x07"  # the shape of the pointer
    r"|[\r\n\b\v]"
)


def faults(data: bytes) -> list[str]:
    """Everything in `data` that has no business on a terminal: sequences, control characters, invisible ones, those
    that join the one before, and those that it would write from right to left."""
    text = _ALLOWED.sub("", data.decode("utf-8"))
    found = [repr(match) for match in re.findall(r"\x1b[^\x1b]{0,12}", text)]
    return found + [repr(char) for char in text if char != "\x1b" and _harms(char)]


def _harms(char: str) -> bool:
    return unicodedata.category(char)[0] in "CM" or unicodedata.bidirectional(char) in ("R", "AL", "AN")
