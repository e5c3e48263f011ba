"""`deskmon mcp`: the desk as tools for assistants that speak the Model Context Protocol."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from deskmon.cli.market import add_source
from deskmon.errors import DeskError

if TYPE_CHECKING:
    from deskmon.config.schema import Config


def add(commands: Any) -> None:
    """Declare the command."""
    mcp = commands.add_parser("mcp", help="figures for assistants, by the Model Context Protocol on stdin and stdout")
    add_source(mcp, at=False)
    mcp.set_defaults(run=run_mcp)


def run_mcp(args: Namespace) -> int:
    from deskmon.cli.log_file import start_log
    from deskmon.cli.market import chosen_past

    if find_spec("mcp") is None:
        raise DeskError("deskmon mcp needs the package mcp", "pip install 'deskmon[mcp]'")
    config = chosen_past(args)
    start_log(args, stderr=True)
    asyncio.run(_serve(args, config))
    return 0


async def _serve(args: Namespace, config: Config) -> None:
    from deskmon.cli.session import remote_link
    from deskmon.mcp.desks import HubDesk, PastDesk
    from deskmon.mcp.server import serve
    from deskmon.past import journal_config

    if args.attach is None:
        await serve(PastDesk(config, judge=getattr(args, "judge", True)))
        return
    hub = HubDesk(config, lambda: remote_link(args.attach, config), lambda path: journal_config(config, path))
    try:
        await serve(hub)
    finally:
        await hub.close()
