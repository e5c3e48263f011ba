"""Ports of loopback, each for one test, whoever else runs tests on this machine."""

import socket

_held: list[socket.socket] = []


def reserve_port() -> int:
    """A port on which nobody listens, and which the system gives to nobody else while this process lives.

    A socket stays bound to it without listening: who connects is refused. A server may listen on it none the less if it
    sets SO_REUSEADDR, as servers do.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    return holder.getsockname()[1]
