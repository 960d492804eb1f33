"""Telling somebody everything that is known about them."""

import hashlib
import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from accounts.services import export
from accounts.tests.factories import PASSWORD, make_address, make_user
from catalog.services import coupons, favourites, reviews
from catalog.services.coupons import NewCoupon
from catalog.tests.factories import make_product
from fantasize.core import clock
from fantasize.tests.canary import ADDRESS, CANARY, IP, PHONE, buy, deliver, make_person
from fantasize.tests.client import ApiClient
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db

# Every model with a foreign key to a user: which part of an export holds it, or why none does.
EXPORTED = {
    "accounts.Address": "accounts/addresses.json",
    "accounts.KnownDevice": "accounts/known_devices.json",
    "accounts.RecoveryCode": "accounts/recovery_codes.json",
    "accounts.Session": "accounts/sessions.json",
    "account.EmailAddress": "accounts/email_addresses.json",
    "mfa.Authenticator": "accounts/second_factors.json",
    "socialaccount.SocialAccount": "accounts/identities.json",
    "accounts.User_groups": "accounts/profile.json",
    "accounts.User_user_permissions": "accounts/profile.json",
    "catalog.Favourite": "catalog/favourites.json",
    "catalog.Review": "catalog/reviews.json",
    "catalog.ReviewGrant": "catalog/received.json",
    "orders.Cart": "orders/cart.json",
    "orders.DraftOrder": "orders/drafts.json",
    "orders.Order": "orders/orders.json",
}
KEPT_BACK = {
    "accounts.OneTimeCode": "lives for minutes, and holds the hash of a secret",
    "accounts.UsedPassword": "lives for minutes, and holds the hash of a secret",
    "admin.LogEntry": "the shop's record of who of its staff did what",
}


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Any, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def archive_of(user: User) -> dict[str, Any]:
    with export.export(user=user) as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def redeem_coupon(user: User) -> None:
    coupons.create_coupon(new=NewCoupon(code="THANKS", percent=Decimal(10)))
    customer = f"user:{user.pk}"
    coupons.redeem(code="thanks", customer=customer, reference="1", items_total=Decimal(20), at=clock.now())


def test_an_export_tells_everything_and_no_secrets() -> None:
    user, product = make_person(), make_product(name="Lantern")
    order = buy(user, product)
    favourites.add(user_id=user.pk, product=product)
    reviews.grant(user_id=user.pk, product_ids=[product.pk], reference="1001")
    reviews.write_review(user_id=user.pk, target=product, rating=4, text="It shines.")
    redeem_coupon(user)
    files = archive_of(user)
    assert set(EXPORTED.values()) <= set(files)
    assert files.pop("accounts/avatar.webp") == CANARY.encode()
    [thing] = order.lines.get().customizations
    assert hashlib.sha256(files.pop(f"orders/proofs/{thing['proof']}.png")).hexdigest() == thing["proof"]
    parts = {name: json.loads(content) for name, content in files.items()}
    assert parts["accounts/profile.json"]["email"] == user.email
    assert parts["accounts/profile.json"]["groups"] == ["friends"]
    assert parts["accounts/addresses.json"][0]["line1"] == ADDRESS["line1"]
    assert IP in {session["ip_address"] for session in parts["accounts/sessions.json"]}
    assert [identity["uid"] for identity in parts["accounts/identities.json"]] == [CANARY]
    [bought] = parts["orders/orders.json"]
    assert (bought["number"], bought["shipping_address"]["phone"]) == (order.number, PHONE)
    [line] = bought["lines"]
    assert (line["name"], line["customizations"][0]["answers"]["name"]) == ("Lantern", CANARY)
    assert [event["name"] for event in parts["orders/events.json"]] == ["order.placed"]
    assert [row["product__name"] for row in parts["catalog/favourites.json"]] == ["Lantern"]
    assert [row["coupon__code"] for row in parts["catalog/coupons.json"]] == ["THANKS"]
    [review], [received] = parts["catalog/reviews.json"], parts["catalog/received.json"]
    assert (review["text"], review["rating"], review["state"]) == ("It shines.", 4, "pending")
    assert (received["product__name"], received["reference"]) == ("Lantern", "1001")
    text = b"".join(files.values()).decode()
    secrets = ("d" * 64, "c" * 64, "r" * 64, "u" * 64, f"s-{CANARY}", user.password, PASSWORD)
    assert not [secret for secret in secrets if secret in text]


def test_an_export_tells_nothing_of_others() -> None:
    other = make_person()
    deliver(buy(other, make_product()))
    assert CANARY not in b"".join(archive_of(make_user()).values()).decode()


def test_every_table_that_points_to_a_person_is_exported_or_kept_back_for_a_reason() -> None:
    def label(model: type[Model]) -> str:
        return model._meta.label

    relations = User._meta.get_fields(include_hidden=True)
    pointing = {
        label(relation.related_model)  # type: ignore[arg-type] # reverse relations come from models
        for relation in relations
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
    }
    assert pointing == EXPORTED.keys() | KEPT_BACK.keys()


def test_an_export_costs_the_same_however_much_there_is() -> None:
    user, counts = make_user(), []
    for _ in range(2):
        make_address(user)
        ApiClient(user)
        product = make_product()
        favourites.add(user_id=user.pk, product=product)
        reviews.grant(user_id=user.pk, product_ids=[product.pk], reference="1001")
        reviews.write_review(user_id=user.pk, target=product, rating=4, text="")
        make_order(user=user, product=product)
        with CaptureQueriesContext(connection) as queries:
            export.export(user=user).close()
        counts.append(len(queries))
    assert counts[0] == counts[1]
