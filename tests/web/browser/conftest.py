"""A browser for the tests: Debian's Chromium, led by Playwright, and what every page is held to.

`site` is the running service, `page` a fresh window in it (addresses start with a slash). Where no
Chromium can be had, the whole folder is skipped and says so. With `SCREENSHOTS=yes` a picture of
every page goes to `build/screenshots`: a fifth of the time, and nothing is tested by it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

HERE = Path(__file__).parent
SCREENSHOTS = Path(__file__).parents[3] / "build" / "screenshots"
WIDE, NARROW, ZOOMED = 1280, 360, 320  # 320 CSS pixels: 1280 pixels at 400 percent
TIMEOUT = 120_000  # milliseconds until a test gives up; nothing waits for it when all is well
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",  # nothing is fetched from outside
)
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the windows of one file in one browser, and skip all where there is none."""
    missing = pytest.mark.skip(reason="no Chromium: `apt-get install chromium` brings it")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.django_db(transaction=True))
            if _chromium() is None:
                item.add_marker(missing)


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _run_beside_the_browser(run: Callable[..., Any]) -> Callable[..., Any]:
    """Return `asyncio.run` for a test, which Playwright leaves marked as running a loop."""

    def run_apart(*given: Any, **options: Any) -> Any:
        loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            return run(*given, **options)
        finally:
            asyncio._set_running_loop(loop)

    return run_apart


@contextmanager
def _marked(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Mark the browser's loop as running, as Playwright wants it, for no longer than it must be."""
    asyncio._set_running_loop(loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def _started() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """Start Chromium once."""
    # Left alone, `expect` gives a page five seconds, which on a busy machine is too few.
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium(), args=list(FLAGS))
        loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        yield chromium, loop
        asyncio._set_running_loop(loop)
        chromium.close()


@pytest.fixture
def browser(
    _started: tuple[Browser, asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Browser]:
    """Give Chromium, and let a test use the database and sign documents beside it.

    The marked loop makes Django refuse its database and asyncio to run; neither is at risk, since
    the browser's loop stands still while a test's own code runs.
    """
    chromium, loop = _started
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr(asyncio, "run", _run_beside_the_browser(asyncio.run))
    with _marked(loop):
        yield chromium
        connections.close_all()  # Django keeps others for a marked thread


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: Any) -> Any:
    """Stop the service before its database is removed."""
    return live_server


@pytest.fixture
def site(live_server: Any) -> Any:
    """Give the running service; `site.url` is where it is."""
    return live_server


def _and_arrive(click: Callable[..., None]) -> Callable[..., None]:
    """Return `Locator.click` that ends when the page it leads to is there as a whole.

    Playwright's own ends with the first bytes of that page; a test that then counts its rows, or
    holds it to the guidelines, would meet half of it on a busy machine.
    """

    def click_and_arrive(self: Locator, *given: Any, **options: Any) -> None:
        click(self, *given, **options)
        self.page.wait_for_load_state()

    return click_and_arrive


@pytest.fixture
def page(site: Any, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Open a fresh window; what a page's script or its security policy complains of is a fault."""
    monkeypatch.setattr(Locator, "click", _and_arrive(Locator.click))
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": WIDE, "height": 900},
        locale="en-US",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    context.set_default_timeout(TIMEOUT)
    window = context.new_page()
    faults: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    window.on("pageerror", lambda error: faults.append(str(error)))
    window.on("console", listen)
    yield window
    context.close()
    assert not faults


@pytest.fixture
def sign_in(site: Any) -> Callable[[Page, Any], None]:
    """Give `sign_in(page, user)`: go on as this account, freshly signed in."""

    def enter(page: Page, user: Any) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "email": user.email}
        ]
        session.save()
        page.context.add_cookies(
            [
                {
                    "name": django_settings.SESSION_COOKIE_NAME,
                    "value": session.session_key,
                    "url": site.url,
                }
            ]
        )

    return enter


@pytest.fixture
def authenticator(page: Page) -> str:
    """Give the window a passkey device that says yes, as a phone does after a look at its owner."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    made = devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return made["authenticatorId"]


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Give `axe(page)`: hold the page, as it is now, to WCAG 2.2 AA."""

    def check(page: Page) -> None:
        violations = Axe().run(page, options=WCAG).response["violations"]
        lines = [
            f"{found['id']}: {found['help']}\n    {node['html']}\n    {node['failureSummary']}"
            for found in violations
            for node in found["nodes"]
        ]
        assert not lines, f"{page.url}\n" + "\n".join(lines)

    return check


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Give `shot(page, name)`: keep a picture of the page, wide and as on a telephone, if asked."""

    def take(page: Page, name: str) -> None:
        if "SCREENSHOTS" not in os.environ:
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        page.set_viewport_size(before)

    return take


@pytest.fixture
def reflows() -> Callable[[Page], None]:
    """Give `reflows(page)`: nothing is cut off or scrolls sideways at 400 percent or on a phone."""

    def check(page: Page) -> None:
        before = page.viewport_size
        for width in (ZOOMED, NARROW):
            page.set_viewport_size({"width": width, "height": 900})
            needed = page.evaluate("document.documentElement.scrollWidth")
            assert needed <= width, f"{page.url} needs {needed} pixels where there are {width}"
        page.set_viewport_size(before)

    return check
