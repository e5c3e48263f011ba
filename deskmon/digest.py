"""A text of any length as a short name: of a file, a socket, a rule, a shape."""

from __future__ import annotations

from random import Random


def digest(data: str | bytes) -> str:
    """32 hexadecimal digits, the same in every process: the seed is spread by SHA-512. hashlib would load OpenSSL, 4 MB
    that nothing else of a desk uses whose venues are simulated."""
    return f"{Random(data.encode('utf-8', 'replace') if isinstance(data, str) else data).getrandbits(128):032x}"
