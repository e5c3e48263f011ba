"""The page that docs/http.md shows, in a real browser: behind a reverse proxy, and from where it may not ask."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from deskmon.events import Encoded
from tests.browser import browser
from tests.http.desks import served
from tests.hub.market import config, liquidation, ticker

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = re.search(r"```html\n(.*?)```", (Path(__file__).parents[2] / "docs" / "http.md").read_text(), re.DOTALL)[1]
NUMBERS = count(1)
SHOWN = """[
  document.getElementById("price").textContent,
  [...document.getElementById("waves").children].map(line => line.textContent),
]"""


def proxy(url, session):
    """A web server that hands out the page, and passes what is under /desk/ on to the hub's server, as nginx does by
    what docs/http.md says: with all headers of the browser but Host."""

    async def page(request):
        return web.Response(text=PAGE, content_type="text/html")

    async def passed(request):
        headers = {**request.headers, "Host": "localhost"}
        async with session.get(f"{url}/{request.match_info['path']}?{request.query_string}", headers=headers) as answer:
            response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
            await response.prepare(request)
            async for piece in answer.content.iter_any():
                await response.write(piece)
            return response

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/desk/{path:.+}", passed)
    return app


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def asking():
    """A hub and its server."""
    async with served(config("steady")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site(asking):
    """The operator's web server before it."""
    async with TestServer(proxy(asking.url, asking.session)) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chromium(site, tmp_path_factory):
    """A browser, which leaves before the servers that its pages follow."""
    async with browser(tmp_path_factory.mktemp("browser")) as made:
        yield made


async def looked_at(page, asking):
    """What the page shows once it has price and liquidations, or after a quarter of a minute."""
    price, lines = "", []
    for _ in range(150):
        asking.hub.mailbox.put(Encoded(ticker(123_456.0, ts=asking.hub.now)))
        asking.hub.mailbox.put(Encoded(liquidation(next(NUMBERS), ts=asking.hub.now)))
        price, lines = await page.run(f"new Promise(done => setTimeout(() => done({SHOWN}), 100))")
        if price.startswith("123456 (") and lines:
            break
    return price, lines


async def test_the_page_shows_prices_and_liquidations(asking, site, chromium):
    assert PAGE.count("\n") <= 15
    for _ in range(4):  # a browser whose first answer is 503, as while the hub is lost, asks for events no more
        async with chromium.page(str(site.make_url("/"))) as page:
            price, lines = await looked_at(page, asking)
            if lines:
                break
    assert re.fullmatch(r"123456 \(\d+ ms old\)", price) and set(lines) == {"long BTC/USDT:USDT $1000"}


async def test_a_page_from_a_file_may_not_read_the_answers(asking, chromium, tmp_path):
    """CORS is off: the browser keeps them from the page."""
    path = tmp_path / "page.html"
    path.write_text(PAGE.replace("desk/", f"{asking.url}/"))
    async with chromium.page(path.as_uri()) as page:
        found = await page.run(f'fetch("{asking.url}/state").then(answer => answer.text(), String)')
        assert found == "TypeError: Failed to fetch"
        assert await page.run(SHOWN) == ["—", []]
