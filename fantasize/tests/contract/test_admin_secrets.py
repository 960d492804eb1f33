"""No page of the admin shows a secret, whoever opens it."""

import logging
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from accounts.models import ApiKey, RecoveryCode, RefreshToken, User
from accounts.tests.factories import PASSWORD
from accounts.tests.second_factors import SECRET, add_passkey, add_totp
from fantasize.tests.contract.admin_pages import pages, rows_of
from fantasize.tests.contract.shortcuts import keep_sign_ins
from fantasize.tests.contract.world import World, build_world
from fantasize.tests.staff import signed_in

pytestmark = pytest.mark.django_db


def secrets_of(world: World) -> set[str]:
    """Everything in the database and the settings that opens something, or from which that could be made."""
    columns = (
        User.objects.values_list("password", flat=True),
        ApiKey.objects.values_list("hashed_key", flat=True),
        RefreshToken.objects.values_list("token_hash", flat=True),
        RecoveryCode.objects.values_list("code_hash", flat=True),
    )
    factors = Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("data__secret", flat=True)
    found = {secret for column in (*columns, factors) for secret in column if secret}
    return found | {SECRET, PASSWORD, settings.SECRET_KEY, str(settings.SIMPLE_JWT["SIGNING_KEY"])}


def test_no_page_shows_a_secret() -> None:
    world = build_world()
    root = User.objects.create_superuser("root@example.com", PASSWORD)
    for user in (world.user("customer"), world.user("administrator"), root):
        add_totp(user)
        add_passkey(user)
    addresses, secrets = pages(rows_of(world)), secrets_of(world)
    assert len(secrets) > 20
    browser, opened = signed_in(root), 0
    for route, address in addresses.items():
        answer = browser.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
        page = content.decode(errors="replace") if answer.status_code == 200 else ""
        assert [secret for secret in secrets if secret in page] == [], route
        opened += bool(page)
    assert opened > 40


SECRET_COLUMNS = {"password", "hashed_key", "token_hash", "code_hash", "data", "session_data"}


def ways_to_secrets(model: type[Model], hops: int = 3) -> Iterator[str]:
    """The lookups from ``model`` to what is secret, over relations in both directions."""
    for field in model._meta.get_fields():
        if field.name in SECRET_COLUMNS:
            yield field.name
        if hops and field.is_relation and isinstance(field.related_model, type):
            yield from (f"{field.name}__{way}" for way in ways_to_secrets(field.related_model, hops - 1))


def test_no_list_is_narrowed_by_a_secret(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may narrow a list by the beginning of a hash learns it bit by bit."""
    # Each refusal would be logged with all of its trace.
    caplog.set_level(logging.CRITICAL, logger="django.security.DisallowedModelAdminLookup")
    root = User.objects.create_superuser("root@example.com", PASSWORD)
    browser, asked = signed_in(root), 0
    keep_sign_ins(monkeypatch)
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for way in {*ways_to_secrets(model)}:
            answer = browser.get(address, {f"{way}__startswith": "a"})
            # Refused as a whole, or led to the list as it is.
            assert answer.status_code == 400 or answer["Location"].endswith("?e=1"), (model, way, answer.status_code)
            asked += 1
    assert asked > 20
