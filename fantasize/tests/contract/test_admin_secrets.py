"""No page of the admin shows a secret, whoever opens it."""

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import ApiKey, RecoveryCode, RefreshToken, User
from accounts.tests.factories import PASSWORD
from accounts.tests.second_factors import SECRET, add_passkey, add_totp
from fantasize.tests.contract.admin_pages import pages, rows_of
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
        page = content.decode() if answer.status_code == 200 else ""
        assert [secret for secret in secrets if secret in page] == [], route
        opened += bool(page)
    assert opened > 40
