"""Forgetting somebody by staff: asked twice, done by whoever may, and written down."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.test import Client

from accounts.models import Session, User
from accounts.services import erasure
from accounts.tests.factories import make_user
from accounts.tests.postbox import subjects
from fantasize.core import clock
from fantasize.core.models import DomainEvent
from fantasize.tests.canary import CANARY, make_person
from fantasize.tests.staff import make_viewer, said, sign_in, signed_in
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return make_user(role="administrator")


@pytest.fixture
def client(administrator: User) -> Client:
    return signed_in(administrator)


def page(user: User | UUID) -> str:
    return f"/admin/accounts/user/{getattr(user, 'pk', user)}/erase/"


def is_there(user: User) -> bool:
    return bool(User.objects.filter(pk=user.pk, email=user.email, erased_at=None).exists())


def test_the_persons_page_leads_to_a_question_which_changes_nothing(client: Client) -> None:
    user = make_user()
    person = client.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert f'href="{page(user)}"' in person
    question = client.get(page(user))
    assert question.status_code == 200
    assert user.email in question.content.decode()
    assert is_there(user)


def test_with_the_address_typed_the_person_is_forgotten_and_it_is_written_down(
    client: Client, administrator: User
) -> None:
    user = make_person()
    answer = client.post(page(user), {"email": f" {user.email.upper()} "})
    assert answer["Location"] == f"/admin/accounts/user/{user.pk}/change/"
    assert said(answer) == ["The account is erased."]
    row = User.objects.get(pk=user.pk)
    assert (row.is_active, row.first_name, row.email) == (False, "", f"{user.pk.hex}@erased.invalid")
    assert DomainEvent.objects.get(name="user.erased").actor == administrator.actor
    assert (user.email, "Your account has been erased") in subjects()
    erasure.finish(user_id=user.pk)
    entry = LogEntry.objects.get(user=administrator)
    assert (entry.object_id, entry.action_flag, entry.change_message) == (str(user.pk), DELETION, "Erased.")
    assert CANARY not in entry.object_repr
    after = client.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert "data-erase" not in after
    assert client.post(page(user), {"email": row.email}).status_code == 403, "nobody is erased twice"


@pytest.mark.parametrize("typed", ["", "somebody@example.com", "\0", "x" * 300])
def test_another_address_erases_nobody(client: Client, typed: str) -> None:
    user = make_user()
    answer = client.post(page(user), {"email": typed})
    assert (answer.status_code, answer.context["form"].errors.keys()) == (200, {"email"})
    assert is_there(user)


def test_while_an_order_is_on_its_way_the_page_says_so(client: Client) -> None:
    user = make_user()
    make_order(user=user)
    answer = client.post(page(user), {"email": user.email})
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert is_there(user)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("permissions", [[], ["accounts.view_user"], ["accounts.change_user"]])
def test_who_may_not_change_the_person_is_not_even_asked(permissions: list[str], administrator: User) -> None:
    client = signed_in(make_viewer(*permissions))
    for answer in (client.get(page(administrator)), client.post(page(administrator), {"email": administrator.email})):
        assert answer.status_code == 403
    assert is_there(administrator)
    absent = page(UUID(int=0))
    assert client.get(absent).status_code == (404 if "accounts.change_user" in permissions else 403)


def test_nobody_erases_themselves_here_and_no_administrator_a_superuser(client: Client, administrator: User) -> None:
    root = User.objects.create_superuser("root@example.com", "x")
    for user in (administrator, root):
        assert client.post(page(user), {"email": user.email}).status_code == 403
        assert is_there(user)


def test_strangers_are_led_to_the_sign_in_page() -> None:
    user = make_user()
    for browser in (Client(), signed_in(user)):
        answer: Any = browser.post(page(user), {"email": user.email})
        assert answer["Location"] == "/admin/login/"
    assert is_there(user)


def test_who_has_shown_nothing_for_a_while_is_asked_first(administrator: User) -> None:
    user, browser = make_user(), Client()
    sign_in(browser, administrator, proven_at=clock.now() - timedelta(minutes=11))
    assert browser.get(page(user))["Location"].startswith("/admin/second-factor/confirm/?next=")
    assert browser.post(page(user), {"email": user.email}).status_code == 302
    assert is_there(user)


def test_a_forged_form_is_refused(administrator: User) -> None:
    user, browser = make_user(), Client(enforce_csrf_checks=True)
    sign_in(browser, administrator)
    assert browser.post(page(user), {"email": user.email}).status_code == 403
    assert is_there(user)
    assert Session.objects.filter(user=administrator, revoked_at=None).exists()
