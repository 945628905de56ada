"""A JupyterHub of the test's own: its simple spawner, its dummy authenticator, below a path of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Page

from tests.support.browser import PATIENCE_S, Notebook, until, until_kernel_is_ready, write_notebook

_CONFIG = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/class/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = [{programs!r} + "/configurable-http-proxy"]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.cmd = [{programs!r} + "/jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"]
c.Spawner.environment = {environment}
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
"""


@contextmanager
def running_hub(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a hub whose users' servers have `environment`; give its address."""
    ports = dict(zip(("port", "hub_port", "api_port"), _free_ports(3), strict=True))
    programs = str(Path(sys.executable).parent)
    config = folder / "jupyterhub_config.py"
    homes = str(folder / "homes")
    config.write_text(_CONFIG.format(**ports, programs=programs, homes=homes, environment=dict(environment)))
    command = [sys.executable, "-m", "jupyterhub", "--config", str(config)]
    path = os.pathsep.join([programs, os.environ["PATH"]])
    with (folder / "hub.log").open("w") as log:
        hub = subprocess.Popen(command, cwd=folder, env={**os.environ, "PATH": path}, stdout=log, stderr=log)
    try:
        until(lambda: _listens(ports["port"]) or hub.poll() is not None, "the hub does not start")
        assert hub.poll() is None, (folder / "hub.log").read_text()
        yield f"http://127.0.0.1:{ports['port']}/class/"
    finally:
        hub.terminate()  # by its own id; it ends its proxy and its users' servers
        hub.wait(timeout=60)


@contextmanager
def signed_in(browser: Browser, address: str, user: str, home: Path, *sources: str) -> Iterator[Notebook]:
    """Sign in, and open a notebook of these cells in the user's own server."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "lesson.ipynb"
    write_notebook(path, *sources)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(3000 * PATIENCE_S)
    try:
        page = context.new_page()
        until(lambda: _opens(page, address), "the hub does not answer")
        page.get_by_label("Username").fill(user)
        page.get_by_label("Password").fill("of-this-test")
        page.get_by_role("button", name="Sign in").click()
        # The page that waits for the server hears nothing more once the proxy's patience of 20 seconds has ended.
        lesson = f"{address}user/{user}/lab/tree/lesson.ipynb?reset"
        until(lambda: _serves(page, lesson), "the user's server does not start")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        until_kernel_is_ready(page)
        yield Notebook(page, path, "lab/tree")
    finally:
        context.close()


def _opens(page: Page, address: str) -> bool:
    try:
        page.goto(f"{address}hub/login")
    except Error:
        return False
    return page.get_by_label("Username").count() > 0


def _serves(page: Page, lesson: str) -> bool:
    page.wait_for_timeout(1000)
    reply = page.goto(lesson)
    return reply is not None and reply.ok and page.url.split("?")[0] == lesson.split("?", maxsplit=1)[0]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
