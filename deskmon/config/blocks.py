"""The text of a TOML file cut at its table headers, so that one table can be changed and every other byte kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import tomlkit

from deskmon.config.lines import HEADER, parts
from deskmon.config.toml import NotToml, parse

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|'
    + r"'''.*?'{3,5}|"
    + r'"(?:\\.|[^"\\\n])*"|'
    + r"'[^'\n]*'|(?P<comment>#[^\n]*)|[^\"'#]+|.",
    re.DOTALL,
)


class Block(msgspec.Struct):
    """A table: its header line, "" above the first one; the lines of its keys; comments and blanks that follow them.

    The three put behind each other are its text. path: names in the header. array: the header is in double brackets.
    """

    header: str = ""
    path: tuple[str, ...] = ()
    array: bool = False
    keys: str = ""
    rest: str = ""

    @property
    def text(self) -> str:
        """The block as it stands in the file."""
        return self.header + self.keys + self.rest

    def values(self) -> dict[str, Any]:
        """Its keys and their plain values."""
        return parse(self.keys)

    def set(self, values: dict[str, Any]) -> None:
        """Give keys these values, None for none; comments beside them stay."""
        document = tomlkit.parse(self.keys)
        for key, value in values.items():
            if value is None:
                document.pop(key, None)
            else:
                document[key] = value
        self.keys = tomlkit.dumps(document)
        if "\r\n" in self.header:
            self.keys = re.sub(r"(?<!\r)\n", "\r\n", self.keys)


def cut(text: str) -> list[Block]:
    """The blocks of `text`, which is valid TOML; what looks like a header inside a value isn't taken for one."""
    ending = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        text += ending
    found = [Block()]
    body = ""
    for line in text.splitlines(keepends=True):
        header = HEADER.match(line.rstrip("\r\n"))
        names = parts(header[2].strip()) if header else ()
        if header and names and _whole(body):
            found[-1].keys, found[-1].rest = _split(body)
            found.append(Block(line, names, header[1] == "[["))
            body = ""
        else:
            body += line
    found[-1].keys, found[-1].rest = _split(body)
    return found


def comments(text: str) -> Iterator[str]:
    """The comments of a TOML text, in order."""
    return (match["comment"].rstrip() for match in _TOKEN.finditer(text) if match["comment"])


def _whole(body: str) -> bool:
    """False where `body` ends inside a value of several lines."""
    try:
        parse(body)
    except NotToml:
        return False
    return True


def _split(body: str) -> tuple[str, str]:
    """Keys, and the comments and blank lines behind the last of them."""
    lines = body.splitlines(keepends=True)
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return "".join(lines[:end]), "".join(lines[end:])
