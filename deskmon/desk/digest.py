"""A text of any length as a short name of a file or a socket."""

from random import Random


def digest(text: str) -> str:
    """32 hexadecimal digits, the same in every process: the seed is spread by SHA-512. hashlib would load OpenSSL, 4 MB
    that nothing else of a screen uses."""
    return f"{Random(text.encode('utf-8', 'replace')).getrandbits(128):032x}"
