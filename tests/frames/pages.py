"""Pages whose code is run: what each block prints is what stands under it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A block of code, and the output that follows it: None where the next block is code, or none."""

    language: str
    code: str
    output: str | None


def examples(page: str, *languages: str) -> Iterator[Example]:
    """The blocks of those languages on a page."""
    blocks = [(each["language"], each["text"]) for each in _BLOCK.finditer((ROOT / page).read_text(encoding="utf-8"))]
    for place, (language, text) in enumerate(blocks):
        if language in languages:
            following = blocks[place + 1] if place + 1 < len(blocks) else ("end", "")
            yield Example(language, text, following[1] if following[0] == "" else None)
