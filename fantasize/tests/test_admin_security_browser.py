"""Second factors in a real browser, with a virtual authenticator: taken up in the admin, and signed in with."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import code_for
from fantasize.tests.screenshots import shoot
from fantasize.tests.test_admin_browser import Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EMAIL = "maya@example.com"


@pytest.fixture
def page(passkey_page: Callable[[], Page]) -> Page:
    """A browser that holds an authenticator, in front of an admin that nobody is signed in to."""
    make_user(email=EMAIL, role="manager", first_name="Maya")
    return passkey_page()


def show_password(page: Page) -> None:
    page.goto("/admin/")
    page.fill("[name=username]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    shoot(page, "admin-login")
    page.click("#login-form [type=submit]")


def arrive(page: Page) -> None:
    page.wait_for_selector("text=Orders by status")


def sign_out(page: Page) -> None:
    page.locator("#logout-form").evaluate("form => form.submit()")
    page.wait_for_selector("text=You are signed out.")


def keep_codes(page: Page) -> None:
    expect(page.locator("[data-codes] li")).to_have_count(10)
    page.click("text=I have kept them")


def make_passkey(page: Page) -> None:
    page.goto("/admin/second-factor/")
    page.click("text=Add a passkey")
    page.fill("[name=name]", "Work laptop")
    page.click("text=Make the passkey")
    page.wait_for_selector("text=Recovery codes")


def set_up_app(page: Page) -> str:
    """The app's secret."""
    page.goto("/admin/second-factor/")
    page.click("#app >> text=Set up")
    secret = (page.text_content("[data-secret]") or "").replace(" ", "")
    page.fill("[name=code]", code_for(secret))
    page.click("#activation-form [type=submit]")
    page.wait_for_selector("[data-codes]")
    return secret


def test_a_passkey_signs_in_alone_and_after_the_password(page: Page) -> None:
    watch = Watch(page)
    show_password(page)
    arrive(page)
    make_passkey(page)
    keep_codes(page)
    expect(page.locator("#passkeys >> text=Work laptop")).to_be_visible()
    sign_out(page)
    page.click("text=Sign in with a passkey")
    arrive(page)
    sign_out(page)
    show_password(page)
    page.click("text=Use a passkey")
    arrive(page)
    assert watch.complaints == []


def test_an_authenticator_app_signs_in_with_the_password(page: Page) -> None:
    watch = Watch(page)
    show_password(page)
    arrive(page)
    secret = set_up_app(page)
    with page.expect_download() as download:
        page.click("text=Download")
    codes = Path(download.value.path()).read_text().split()
    keep_codes(page)
    expect(page.locator("#app [data-on=yes]")).to_have_text("On")
    sign_out(page)
    # The code of a moment ago has been used.
    for text in (code_for(secret, steps=1), codes[0].lower()):
        show_password(page)
        page.wait_for_selector("text=One more step")
        page.fill("[name=code]", text)
        page.click("#code-form [type=submit]")
        arrive(page)
        sign_out(page)
    assert watch.complaints == []


def test_a_passkey_that_is_not_there_is_said_on_the_page(page: Page) -> None:
    page.goto("/admin/login/")
    page.click("text=Sign in with a passkey")
    page.wait_for_selector("text=No passkey was used.")
    expect(page.locator("text=Sign in with a passkey")).to_be_enabled()


def test_pages_are_quiet_and_fit_a_phone_in_light_and_dark(page: Page) -> None:
    watch = Watch(page)
    for path in ("/admin/login/", "/admin/login/forgot-password/"):
        look_at(page, path)
    show_password(page)
    arrive(page)
    make_passkey(page)
    for path in ("", "app/", "passkeys/add/", "confirm/"):
        look_at(page, f"/admin/second-factor/{path}")
    look_at(page, "/admin/password_change/")
    page.goto("/admin/second-factor/")
    shoot(page, "admin-second-factor")
    sign_out(page)
    show_password(page)
    page.wait_for_selector("text=One more step")
    shoot(page, "admin-second-step")
    look_at(page, "/admin/login/second-step/")
    assert watch.complaints == []


def look_at(page: Page, path: str) -> None:
    for scheme, width in (("dark", 380), ("light", 380), ("light", 1440)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of two words
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path)
        assert page.evaluate("document.documentElement.classList.contains('dark')") == (scheme == "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
