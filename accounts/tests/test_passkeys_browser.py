"""Passkeys in a real browser: made and used by Chromium's own authenticator, over nothing but the API."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.tests.factories import PASSWORD, make_user
from fantasize.core import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EMAIL = "ada@example.com"

CALLS = """
async ([steps, given]) => {
    const call = async (path, body, access) => {
        const headers = { "Content-Type": "application/json", ...(access && { Authorization: `Bearer ${access}` }) };
        const answer = await fetch(`/api/v2${path}`, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
        const said = await answer.json();
        return { status: answer.status, ...said, ...said.data };
    };
    const make = async ({ options, state }) => {
        const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey);
        return { state, credential: (await navigator.credentials.create({ publicKey })).toJSON() };
    };
    const use = async ({ options, state }) => {
        const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey);
        return { state, credential: (await navigator.credentials.get({ publicKey })).toJSON() };
    };
    const journeys = {
        async register() {
            const { access } = await call("/auth/login", given);
            const made = await make(await call("/auth/mfa/passkeys/register/begin", {}, access));
            return call("/auth/mfa/passkeys/register/complete", { ...made, name: "Chromium" }, access);
        },
        async signIn() {
            return call("/auth/passkeys/complete", await use(await call("/auth/passkeys/begin")));
        },
        async secondStep() {
            const { mfa_token } = await call("/auth/login", given);
            const used = await use(await call("/auth/mfa/passkeys/begin", { mfa_token }));
            return call("/auth/mfa/passkeys/complete", { mfa_token, ...used });
        },
    };
    return journeys[steps]();
}
"""


@pytest.fixture
def page(passkey_page: Callable[[], Page]) -> Page:
    """A page of the shop, in a browser with an authenticator. The account is made before the browser runs."""
    make_user(email=EMAIL, email_verified_at=clock.now())
    page = passkey_page()
    page.goto("/health/live")
    return page


def go(page: Page, steps: str) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(CALLS, [steps, {"email": EMAIL, "password": PASSWORD}])
    return answer


def test_chromium_makes_a_passkey_and_signs_in_with_it(page: Page) -> None:
    made = go(page, "register")
    assert (made["status"], made["passkey"]["name"]) == (201, "Chromium")
    assert len(made["recovery_codes"]) == 10
    alone = go(page, "signIn")
    assert (alone["status"], alone["user"]["email"]) == (200, EMAIL)
    second = go(page, "secondStep")
    assert (second["status"], second["user"]["mfa_enabled"]) == (200, True)
