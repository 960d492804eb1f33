"""Fixtures: one Chromium for all tests of a process, and in it a profile for each test that asks for a page."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.tests.factories import make_user
from fantasize.tests.staff import sign_in
from fantasize.tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

MANAGER = "maya@example.com"
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
# The one that has no windows takes half of the time.
_PROGRAMS = ("chromium-headless-shell", "chromium")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 - loaded where a browser is asked for

    expect.set_options(timeout=1000 * PATIENCE_SECONDS)
    with sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _PROGRAMS)), _PROGRAMS[-1])
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        _leave_loop()
        yield browser
        _enter_loop(browser)
        browser.close()


@pytest.fixture
def profile(chromium: "Browser") -> Iterator[Callable[..., "BrowserContext"]]:
    """Makes a profile without a past; its arguments are those of ``Browser.new_context``."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> "BrowserContext":
        _enter_loop(chromium)
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        made.append(context)
        context.set_default_timeout(1000 * PATIENCE_SECONDS)
        return context

    yield make
    _enter_loop(chromium)
    for context in made:
        context.close()
    _leave_loop()


@pytest.fixture
def staff_page(profile: Callable[..., "BrowserContext"], live_server: Any) -> Callable[..., "Page"]:
    """Opens a page of a profile in which the manager is signed in; how that is done in a browser has tests of its own.

    What a test needs to be in the database is made before: beside a page the database is out of reach.
    """

    def open_page(*, height: int = 900) -> "Page":
        client = Client()
        sign_in(client, User.objects.filter(email=MANAGER).first() or make_user(email=MANAGER, role="manager"))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context = profile(viewport={"width": 1440, "height": height}, base_url=live_server.url)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return context.new_page()

    return open_page


@pytest.fixture
def passkey_page(profile: Callable[..., "BrowserContext"], live_server: Any) -> Callable[[], "Page"]:
    """Opens a page of a profile that holds an authenticator, to which nobody has to do anything."""

    def open_page() -> "Page":
        context = profile(base_url=live_server.url)
        page = context.new_page()
        devices = context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
        return page

    return open_page


def _enter_loop(browser: "Browser") -> None:
    """Mark Playwright's event loop as the running one, as it does itself: it only pauses between two calls."""
    asyncio._set_running_loop(browser._loop)


def _leave_loop() -> None:
    """Let others run a loop of their own in this thread, and Django use its database."""
    asyncio._set_running_loop(None)
