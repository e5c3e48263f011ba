"""The page of one headline: its whole text, where it comes from, and when."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon.api import Frame, Line, Panel, fmt
from deskmon.components.headlines import headline_key, text_lines
from deskmon.components.text import fold, one_line, shorten

LINES = 60


class Headline(Panel):
    """All that a headline says."""

    name = "headline"
    title = "Headline"
    topics = frozenset({"headlines", "clock"})
    definitions = (
        ("text", "as it came, blanks joined; what can't be printed is shown as ·"),
        ("address", "as it came: the desk opens nothing"),
    )

    class Options(Panel.Options, frozen=True):
        """key: which headline; the newest where empty."""

        key: str = ""

    def draw(self, frame: Frame) -> Sequence[Line]:
        known = frame.model.headlines.figures(frame.now)
        each = next((each for each in known if self.options.key in ("", headline_key(each))), None)
        if each is None:
            return [[("no headline yet"[: frame.width], "muted")]][: frame.height]
        told = f"{fmt.date(each.ts)} {fmt.clock(each.ts)}Z, {fmt.age(each.age_ms)} ago"
        lines: list[Line] = [
            [(shorten(line, frame.width), "text")] for line in text_lines(each.text, frame.width, LINES)
        ]
        lines += [[("", "")], *([(shorten(line, frame.width), "muted")] for line in text_lines(told, frame.width, 3))]
        if each.source:
            lines.append([(shorten(f"source: {one_line(each.source)}", frame.width), "muted")])
        if each.url:
            address = one_line(each.url)
            lines += [[(piece, "accent")] for piece in fold(address[:600], frame.width)]
        return lines[: frame.height]
