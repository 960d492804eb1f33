"""A guest's pictures after they have signed in: the account's, as far as it has room, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from catalog.tests.races import at_once
from customizations.models import Upload
from customizations.services import privacy, uploads
from customizations.tests.factories import COLOUR, PHOTO, make_schema, make_template, make_upload
from customizations.tests.uploads import picture, send
from fantasize.core import clock, guests
from fantasize.core.errors import UnauthenticatedError
from fantasize.core.images import Picture
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db

TOKEN = "a" * 43
GUEST = guests.principal_of(TOKEN)
HOME = "/customizations/uploads"


def hand_over(user: User) -> frozenset[UUID]:
    return uploads.hand_over(token_principal=GUEST, user=user)


def owned_by(owner: str) -> set[UUID]:
    return set(Upload.objects.filter(owner=owner).values_list("pk", flat=True))


def test_they_are_the_accounts_and_the_token_opens_them_no_more() -> None:
    user, other, moved, foreign = make_user(), make_user(), make_upload(GUEST), make_upload("cart:somebody else")
    theirs = make_upload(user.actor)
    assert hand_over(user) == frozenset()
    assert owned_by(user.actor) == {moved.pk, theirs.pk}
    assert owned_by("cart:somebody else") == {foreign.pk}
    guest = {"X-Cart-Token": TOKEN}
    assert ApiClient(user).get(f"{HOME}/{moved.pk}").status == 200
    assert ApiClient().get(f"{HOME}/{moved.pk}", **guest).status == 404
    assert ApiClient(other).get(f"{HOME}/{moved.pk}").status == 404
    assert hand_over(other) == frozenset()
    assert owned_by(other.actor) == set()


def test_the_newest_come_first_as_far_as_there_is_room(settings: Settings) -> None:
    settings.UPLOAD_QUOTA_FILES, settings.UPLOAD_QUOTA_BYTES = 3, 100
    user = make_user()
    make_upload(user.actor)
    with clock.frozen_at(clock.now() - timedelta(hours=1)):
        oldest = make_upload(GUEST)
    newer, newest, large = (make_upload(GUEST) for _ in range(3))
    Upload.objects.filter(pk=large.pk).update(bytes=100)
    assert hand_over(user) == {oldest.pk, large.pk}
    assert owned_by(user.actor) >= {newer.pk, newest.pk}
    assert owned_by(GUEST) == {oldest.pk, large.pk}


def test_what_was_ordered_with_stays_with_its_order_whoever_closes_the_account() -> None:
    user, ordered = make_user(), make_upload(GUEST)
    uploads.keep([ordered.pk])
    assert hand_over(user) == frozenset()
    privacy.forget(user.pk)
    assert owned_by(GUEST) == {ordered.pk}


def test_to_an_account_that_was_closed_nothing_is_handed() -> None:
    user, row = make_user(), make_upload(GUEST)
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(UnauthenticatedError):
        hand_over(user)
    assert owned_by(GUEST) == {row.pk}


def test_previews_follow_the_pictures_that_they_show() -> None:
    user, product, guest = make_user(), make_product(), {"X-Cart-Token": TOKEN}
    photo = {**PHOTO, "placement": {"x": 100, "y": 50, "width": 600, "height": 300}}
    make_template(products=[product.pk], schema=make_schema(options=[COLOUR, photo]))
    sent = send(picture(), token=TOKEN).data["id"]
    asked = {"product": product.pk, "answers": {"colour": "gold", "photo": sent}}
    drawn = ApiClient().post("/customizations/preview", asked, **guest)
    path = drawn.data["preview_url"].partition("/api/v2")[2]
    assert ApiClient().get(path, **guest).status == 200
    hand_over(user)
    assert (ApiClient(user).get(path).status, ApiClient().get(path, **guest).status) == (200, 404)
    again = ApiClient(user).post("/customizations/preview", asked)
    assert (again.data["valid"], again.headers["Cache-Status"]) == (True, "fantasize; hit")
    uploads.remove(upload=Upload.objects.get(pk=sent))
    assert ApiClient(user).get(path).status == 404


@pytest.mark.django_db(transaction=True)
def test_the_quota_is_exact_while_pictures_are_sent_and_handed_over_at_once(settings: Settings) -> None:
    settings.UPLOAD_QUOTA_FILES = 5
    user = make_user()
    for _ in range(4):
        make_upload(GUEST)
    sent = partial(uploads.add, picture=Picture(b"x", "png", 8, 8, "0" * 64), owner=user.actor)
    works: list[Callable[[], Any]] = [partial(hand_over, user), *[sent] * 4, partial(hand_over, user)]
    at_once(*works)
    assert len(owned_by(user.actor)) == 5
    assert Upload.objects.count() == 5 + len(owned_by(GUEST))


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_that_know_the_token_each_picture_goes_to_one() -> None:
    one, other = make_user(), make_user()
    rows = {make_upload(GUEST).pk for _ in range(4)}
    assert at_once(partial(hand_over, one), partial(hand_over, other)) == [frozenset()] * 2
    assert owned_by(one.actor) | owned_by(other.actor) == rows
    assert not owned_by(one.actor) & owned_by(other.actor)


@pytest.mark.django_db(transaction=True)
def test_nobody_orders_with_a_picture_that_is_just_being_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what was ordered with would move after all."""
    user, row = make_user(), make_upload(GUEST)
    held_by, outcomes = uploads._held_by, []

    def keep() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            uploads.keep([row.pk])

    def overtaken(owner: str) -> Any:
        outcomes.extend(at_once(keep))
        return held_by(owner)

    monkeypatch.setattr(uploads, "_held_by", overtaken)
    hand_over(user)
    assert [type(outcome) for outcome in outcomes] == [OperationalError]
    assert (Upload.objects.get().owner, Upload.objects.get().kept_at) == (user.actor, None)
