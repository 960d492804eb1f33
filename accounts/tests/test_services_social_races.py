"""First sign-ins, links and tokens under many callers at once."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection

from accounts.models import Session, User
from accounts.services import social
from accounts.tests.stand_in import PROJECT, StandIn
from accounts.tests.test_services_social import FIREBASE, code_of, link, make_link, make_session, proven, sign_in
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db


FIRST_LOGINS = 50


def all_at_once(calls: list[Callable[[], Any]]) -> Counter[str]:
    """What each of ``calls`` said, made by a thread of its own and at the same moment."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        start.wait(PATIENCE_SECONDS)
        try:
            return code_of(call)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_fifty_first_logins_of_one_identity_open_one_account(provider: StandIn) -> None:
    tokens = [provider.google_token() for _ in range(FIRST_LOGINS)]
    assert all_at_once([lambda token=token: sign_in(token) for token in tokens]) == {"ok": FIRST_LOGINS}  # type: ignore[misc]
    assert User.objects.count() == SocialAccount.objects.count() == 1
    assert Session.objects.filter(user=User.objects.get()).count() == FIRST_LOGINS


@pytest.mark.django_db(transaction=True)
def test_without_the_constraints_they_open_several(provider: StandIn) -> None:
    """The control: what makes it one account is the database's word, not luck."""
    tokens = [provider.google_token() for _ in range(FIRST_LOGINS)]
    with without_constraints():
        all_at_once([lambda token=token: sign_in(token) for token in tokens])  # type: ignore[misc]
        assert User.objects.count() > 1


@contextmanager
def without_constraints() -> Iterator[None]:
    """Lets an address and an identity be there twice, and forgets everybody afterwards."""
    unique = [
        (table, name, columns) for model in (User, SocialAccount) for table, name, columns in constraints_of(model)
    ]
    with connection.cursor() as cursor:
        for table, name, _ in unique:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE accounts_user CASCADE")
            for table, name, columns in unique:
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE ({columns})")


def constraints_of(model: Any) -> Iterator[tuple[str, str, str]]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    for name, details in found.items():
        if details["columns"] in (["email"], ["provider", "uid"]) and details["unique"] and not details["definition"]:
            yield table, name, ", ".join(details["columns"])


@pytest.mark.django_db(transaction=True)
def test_one_token_shown_twenty_times_at_once_signs_in_once(provider: StandIn) -> None:
    make_link(proven(), f"firebase:{PROJECT}", "ada-at-firebase")
    token = provider.firebase_token()
    codes = all_at_once([lambda: sign_in(token, FIREBASE)] * 20)
    assert codes == {"ok": 1, "provider_token_invalid": 19}
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_row_every_showing_signs_in(provider: StandIn) -> None:
    """The control: nothing else stops a token from being used again."""
    make_link(proven(), f"firebase:{PROJECT}", "ada-at-firebase")
    token = provider.firebase_token()
    with patch.object(social, "_use_up"):
        assert all_at_once([lambda: sign_in(token, FIREBASE)] * 20) == {"ok": 20}


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_that_link_one_identity_at_once_one_has_it(provider: StandIn) -> None:
    people = [proven(email=f"person{number}@example.org") for number in range(10)]
    codes = all_at_once([lambda user=user: link(user, provider.google_token()) for user in people])  # type: ignore[misc]
    assert codes == {"ok": 1, "already_linked": 9}
    assert SocialAccount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_links_that_go_at_once_leave_one_way_in() -> None:
    user = proven()
    user.set_unusable_password()
    user.save()
    links = [make_link(user, "google"), make_link(user, "facebook")]
    session = make_session(user)
    codes = all_at_once([lambda account=account: social.unlink(session=session, account=account) for account in links])  # type: ignore[misc]
    assert codes == {"ok": 1, "last_way_in": 1}
    assert SocialAccount.objects.count() == 1
