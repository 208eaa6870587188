"""Real Chromium on the running server: a visitor's hands and eyes as fixtures."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect, sync_playwright

from scripts.browser import HINT, find_browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Longer than the server's own clock, so that a slow machine shows as slow and not as broken.
PATIENCE = 15_000

expect.set_options(timeout=PATIENCE)


class Chat:
    """The chat on a page, as a visitor uses it. `noise` collects console errors, page errors and requests elsewhere."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.noise: list[str] = []
        page.on("console", lambda message: message.type in ("error", "warning") and self.noise.append(message.text))
        page.on("pageerror", lambda error: self.noise.append(str(error)))
        page.on(
            "request", lambda request: request.url.startswith(url) or self.noise.append(f"elsewhere: {request.url}")
        )

    def visit(self, path: str = "/chat", opened: bool = True) -> "Chat":
        self.page.goto(self.url + path)
        self.launcher.wait_for()
        if opened:
            self.launcher.click()
            self.input.wait_for()
        return self

    @property
    def launcher(self):
        return self.page.locator("button.open")

    @property
    def frame(self):
        return self.page.frame_locator("iframe")

    @property
    def inside(self) -> Frame:
        """The frame for scripts; there is only one."""
        return self.page.frames[1]

    @property
    def input(self):
        return self.frame.get_by_role("textbox")

    @property
    def replies(self):
        return self.frame.locator(".reply")

    @property
    def last(self):
        return self.replies.last

    def ask(self, text: str) -> None:
        """Asks and waits for the reply."""
        before = self.replies.count()
        self.input.fill(text)
        self.input.press("Enter")
        expect(self.replies).to_have_count(before + 1)

    def watch_live_region(self) -> None:
        """From now on `announced` tells what a screen reader is told."""
        self.inside.evaluate(
            """() => {
                window.announced = [];
                const region = document.querySelector('faqbot-chat').shadowRoot.querySelector('[aria-live]');
                new MutationObserver((changes) => changes.forEach((change) =>
                    change.addedNodes.forEach((node) => window.announced.push(node.textContent))
                )).observe(region, { childList: true });
            }"""
        )

    @property
    def announced(self) -> list[str]:
        return self.inside.evaluate("window.announced")

    @property
    def focused(self) -> str:
        """Name of what has the focus inside the frame."""
        return self.inside.evaluate(
            "(() => { const e = document.querySelector('faqbot-chat').shadowRoot.activeElement;"
            " return e ? e.tagName + ':' + (e.getAttribute('aria-label') || e.id || e.textContent) : ''; })()"
        )


# Of a module, not of the session: while Playwright runs, its thread has an event loop, and no other test could run one.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.skip(f"no Chromium: {HINT}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser profile of its own; `width`, `height` and Playwright's options."""
    contexts: list[BrowserContext] = []

    def make(width: int = 1280, height: int = 800, **options: Any) -> BrowserContext:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, locale="en-US", **options))
        contexts[-1].set_default_timeout(PATIENCE)
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def new_chat(new_context, server) -> Callable[..., Chat]:
    """A visitor with a fresh browser profile, at the shared server or at another."""

    def make(url: str = "", **options: Any) -> Chat:
        return Chat(new_context(**options).new_page(), url or server.url)

    return make


@pytest.fixture
def chat(new_chat) -> Chat:
    """A visitor at a desk who has opened the chat on the demo page."""
    return new_chat().visit()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files with the policy of a strict site that lets the bot's server in."""

    policy = ""

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def host_site(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Serves a page of another site, at another origin; gives its address."""
    servers: list[ThreadingHTTPServer] = []

    def serve(html: str, policy: str = "", **files: str) -> str:
        (tmp_path / "index.html").write_text(html, encoding="utf-8")
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        handler = type("Handler", (_Quiet,), {"policy": policy})
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(tmp_path))))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://localhost:{servers[-1].server_port}/"

    yield serve
    for running in servers:
        running.shutdown()


@pytest.fixture
def plain_site(host_site, server) -> Callable[..., str]:
    """Serves a plain page of another site with the chat on it; `attributes` are those of the script's tag."""

    def serve(attributes: str = "") -> str:
        script = f'<script src="{server.url}/widget.js" {attributes}></script>'
        return host_site(f'<!doctype html><html lang="en"><title>Clinic</title><body><h1>Clinic</h1>{script}')

    return serve
