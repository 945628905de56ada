"""The bar's Stop in every front end, each played in a real page by what it gives to a widget's script."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support import ROOT
from tests.support.browser import SCREENSHOTS, running_browser
from tests.support.front_ends import PLAYED, Played

STATIC = ROOT / "imgmagic" / "notebook" / "static"
ADDRESS = "http://front-end.example/user/ada/lab"
SERVER = {"baseUrl": "/user/ada/", "token": "of-this-test"}
RENDER = """
async ({ played, state }) => {
  const { default: widget } = await import("/stop_bar.js");
  window.stops = [];
  const kernel = {
    interrupt: async () => {
      if (played.kernel === "refuses") throw new Error("no");
      window.stops.push("kernel");
    },
  };
  window.sent = [];
  const model = {
    get: (name) => state[name],
    on() {},
    off() {},
    send: (message) => window.sent.push(message),
    widget_manager: played.kernel ? { kernel } : {},
  };
  widget.render({ model, el: document.getElementById("output") });
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def play(page: Page, played: Played, **state: Any) -> list[str]:
    """Open a page that gives what `played` does, with the bar in it; return the list of interrupts the server gets."""
    asked: list[str] = []
    config = f'<script id="jupyter-config-data" type="application/json">{json.dumps(SERVER)}</script>'

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://front-end.example")
        if path == "/user/ada/lab":
            body = f"{config if played.server else ''}<style>{(STATIC / 'stop_bar.css').read_text()}</style>"
            route.fulfill(body=f'{body}<div id="output"></div>', content_type="text/html")
        elif path == "/stop_bar.js":
            route.fulfill(body=(STATIC / "stop_bar.js").read_text(), content_type="text/javascript")
        else:
            asked.append(f"{route.request.method} {path} {route.request.headers.get('authorization')}")
            route.fulfill(status=204 if played.server == "works" else 503)

    page.route("**/*", answer)
    page.goto(ADDRESS)
    shown = {"text": "partial image 1 of 2", "said": "partial image 1", "clock": "2.5 s", "known": "", "alt": "a fox"}
    state = {**shown, "hint": played.hint, "kernel_id": "k-1", "background": False, **state}
    page.evaluate(RENDER, {"played": {"kernel": played.kernel}, "state": state})
    return asked


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: played.name)
def test_stop_takes_the_first_way_that_works(page: Page, played: Played) -> None:
    """The kernel's connection, else the server's API; where neither works the bar names the front end's own button."""
    asked = play(page, played)
    stop = page.get_by_role("button", name="Stop")

    if not played.kernel and not played.server:
        expect(stop).to_have_count(0)  # from the first moment on
    else:
        stop.click()
    if played.stops_by:
        expect(page.get_by_role("button", name="Stopping…")).to_be_disabled()
        expect(page.locator(".imgmagic-hint")).to_be_hidden()
    else:
        expect(page.locator(".imgmagic-hint")).to_have_text(played.hint)
        expect(stop).to_have_count(0)

    assert page.evaluate("window.stops") == (["kernel"] if played.stops_by == "kernel" else [])
    by_server = ["POST /user/ada/api/kernels/k-1/interrupt token of-this-test"]
    assert (asked == by_server) is (played.stops_by == "server" or played.server == "refuses")
    assert page.evaluate("window.sent") == []


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: played.name)
def test_run_in_the_background_is_stopped_by_a_message(page: Page, played: Played) -> None:
    """No cell waits, so the kernel hears the widget in every front end, and nothing is interrupted."""
    asked = play(page, played, background=True)

    page.get_by_role("button", name="Stop").click()

    expect(page.get_by_role("button", name="Stopping…")).to_be_disabled()
    assert page.evaluate("window.sent") == [{"kind": "stop"}]
    assert (asked, page.evaluate("window.stops")) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bar_is_readable_where_no_theme_is_known(browser: Browser, scheme: Any) -> None:
    """Without JupyterLab's colours the browser's own scheme decides, as in Colab and VS Code."""
    page = browser.new_page(color_scheme=scheme, viewport={"width": 600, "height": 90})
    try:
        play(page, next(each for each in PLAYED if each.name == "Colab"))
        ground = "#1e1e1e" if scheme == "dark" else "#ffffff"
        page.add_style_tag(content=f"body {{ background: {ground}; margin: 8px }}")
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"bar-{scheme}.png")
        ink = page.evaluate("getComputedStyle(document.querySelector('.imgmagic-text')).color")
        red = int(ink.removeprefix("rgb(").split(",")[0])

        assert red > 180 if scheme == "dark" else red < 80
    finally:
        page.close()
