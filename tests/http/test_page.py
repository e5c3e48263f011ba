"""The page that docs/http.md shows, behind a reverse proxy, run by a real JavaScript engine."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deskmon.events import Encoded
from tests.http.desks import served
from tests.hub.market import config, liquidation, ticker
from tests.hub.waiting import LIMIT_S

PAGE = re.search(r"```html\n(.*?)```", (Path(__file__).parents[2] / "docs" / "http.md").read_text(), re.DOTALL)[1]
BROWSER = """
const base = process.argv[2], asked = fetch, kept = {};
globalThis.fetch = path => asked(new URL(path, base), {headers: {"Sec-Fetch-Site": "same-origin"}});
globalThis.document = {
  createElement: () => ({}),
  getElementById: id => kept[id] ??= {lines: [], prepend(line) { this.lines.push(line.textContent); }},
};
globalThis.EventSource = class {
  constructor(path) {
    fetch(path).then(async answer => {
      let left = "";
      for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
        const blocks = (left + piece).split("\\n\\n");
        left = blocks.pop();
        for (const block of blocks) {
          const data = block.split("\\n").find(line => line.startsWith("data: "));
          if (data && !block.includes("event: ")) this.onmessage({data: data.slice(6)});
        }
      }
    });
  }
};
setInterval(() => console.log(JSON.stringify([kept.price?.textContent, kept.waves?.lines])), 50);
"""
"""What the page needs of a browser: elements that keep their text, and an event source."""


def proxy(url, session):
    """A web server that hands out the page, and passes what is under /desk/ on to the hub's server."""

    async def page(request):
        return web.Response(text=PAGE, content_type="text/html")

    async def passed(request):
        headers = {"Host": "localhost", "Sec-Fetch-Site": request.headers["Sec-Fetch-Site"]}
        async with session.get(f"{url}/{request.match_info['path']}?{request.query_string}", headers=headers) as answer:
            response = web.StreamResponse(
                status=answer.status, headers={"Content-Type": answer.headers["Content-Type"]}
            )
            await response.prepare(request)
            async for piece in answer.content.iter_any():
                await response.write(piece)
            return response

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/desk/{path:.+}", passed)
    return app


async def test_the_page_shows_prices_and_liquidations(tmp_path):
    if (node := shutil.which("node")) is None:
        pytest.skip("node isn't installed")
    script = tmp_path / "page.mjs"
    script.write_text(BROWSER + re.search(r"<script>(.*?)</script>", PAGE, re.DOTALL)[1])
    assert len(re.findall(r"\n", PAGE)) <= 15
    async with served(config("steady")) as asking, TestServer(proxy(asking.url, asking.session)) as site:
        async with asking.session.get(site.make_url("/")) as answer:
            assert await answer.text() == PAGE
        asking.hub.mailbox.put(Encoded(ticker(123_456.0, ts=asking.hub.now)))
        browser = await asyncio.create_subprocess_exec(
            node, str(script), str(site.make_url("/")), stdout=asyncio.subprocess.PIPE
        )
        try:
            number, seen = 0, [None, None]
            async with asyncio.timeout(LIMIT_S):
                while not (str(seen[0]).startswith("123456 (") and seen[1]):
                    asking.hub.mailbox.put(Encoded(liquidation(number := number + 1, ts=asking.hub.now)))
                    seen = json.loads(await browser.stdout.readline())
        finally:
            browser.kill()
            await browser.wait()
        assert seen[0].endswith(" ms old)") and set(seen[1]) == {"long BTC/USDT:USDT $1000"}
