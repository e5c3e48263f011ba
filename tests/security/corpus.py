"""Texts that strangers could send to take over a terminal, or to deceive who reads it."""

HOSTILE = [
    "\x1b]52;c;cm0gLXJmIH4K\x07",  # OSC 52: into the clipboard
    "\x1b]8;;file:///etc/passwd\x1b\\click\x1b]8;;\x1b\\",  # OSC 8: a hyperlink
    "\x1b]0;title\x07", "\x1b]2;title\x1b\\", "\x1b]4;1;rgb:00/00/00\x07", "\x1b]1337;File=inline=1:AAAA\x07",
    "\x1b[2J\x1b[H", "\x1b[31;1mred", "\x1b[?1049l", "\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b[21t", "\x1b[8;1;1t",
    "\x1bc", "\x1b#8", "\x1b(0", "\x1bP+q544e\x1b\\", "\x1b_Gf=24;AAAA\x1b\\", "\x1b^pm\x1b\\", "\x1bX sos \x1b\\",
    "\x9b2J", "\x9d52;c;AAAA\x9c", "\x90+q\x9c", "\x98\x9e\x9f\x85\x84\x8d",  # the same as C1 controls
    "\x00\x07\x08\x0b\x0c\r\n\t\x0e\x0f\x7f", "\x05", "\x11\x13", "\x18\x1a",
    "\u202egnp.exe\u202c", "\u2066left\u2069", "\u200e\u200f\u061c", "\u200bzero\u200cwidth\u200d\ufeff",  # bidi
    "\u2028line\u2029paragraph", "e\u0301\u0301\u0301\u0301" * 20, "\U000e0041\U000e0042", "\ue000\uf8ff",
    "🧨💣👨‍👩‍👧‍👦", "全角文字", "\u115f\u3164\uffa0\u3000",  # two cells wide, none, or blank
    "🇩🇪👍🏻✔\ufe0f1\ufe0f\u20e3か\u3099", "\u1100\u1161\u11a8\u1100\uac00", "字" * 2000, "x" + "字" * 60,  # joined, odd
    "\u05de\u05d7\u05d9\u05e8 64,812.50 \u0633\u0639\u0631 \u0661\u0662", "\u2800",  # right to left, blank
    "[bold red]markup[/]", "[link=file:///etc/passwd]x[/link]", "[@click=app.quit]quit[/]", "[/]", "\\[x]", "{0}%s%n",
    "\ud83d", "\udc00\ud800",  # halves of characters
    "A" * 3000, " " * 300, "", "-inf", "NaN", "' OR 1=1 --", "${jndi:ldap://x}", "../../etc/passwd",
]  # fmt: skip
