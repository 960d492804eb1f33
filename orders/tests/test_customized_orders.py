"""Orders with answers to options: judged, priced, drawn and kept, or nothing at all."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.errors import OutOfStockError
from catalog.models import Product, StockItem
from catalog.pricing import BreakTerms
from catalog.services.price_breaks import add_break
from catalog.services.stock import hold
from catalog.tests.factories import make_offer, make_product
from customizations.errors import UploadInUseError
from customizations.models import ChoiceStock, CustomizationTemplate, Proof, Upload
from customizations.services import proofs, templates, uploads
from customizations.tests.factories import NAME, SPECIAL, WRAPPING
from fantasize.core import invariants
from fantasize.core.errors import ConflictError, DomainError, InvalidError
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Hold, Order, OrderLine
from orders.services import checkout, customers
from orders.services.baskets import LineRequest
from orders.tests.customized import PHOTO, make_customizable, place, send_picture, small_schema

pytestmark = pytest.mark.django_db

GOLD = {"colour": "gold", "name": "Anna-Katharina", "wrapping": "paper"}


def nothing_was_placed() -> bool:
    kept = Upload.objects.filter(kept_at__isnull=False)
    held = StockItem.objects.filter(held__gt=0)
    return not any(rows.exists() for rows in (Order.objects.all(), Hold.objects.all(), Proof.objects.all(), kept, held))


def faults_of(refusal: DomainError) -> dict[str, str]:
    return {error.location: error.code for error in refusal.errors}


def available(product: Product) -> int:
    return StockItem.objects.get(pk=product.stock_id).available


def gold_leaf() -> StockItem:
    return ChoiceStock.objects.get(option="colour", value="gold").stock


def test_answers_are_priced_to_the_cent_and_kept_with_their_labels_and_proof() -> None:
    product = make_customizable(WRAPPING, name="Plaque", price="9.99", stock=5)
    make_offer(name="Spring", percent="15", products=[product.pk])
    order = place(make_user(), LineRequest(product.pk, 2, answers=GOLD))
    line = OrderLine.objects.get(order=order)
    # Gold leaf is 4.50 more, the six letters beyond the free ones are 1.20.
    assert [(stage["stage"], stage["rule"], stage["amount"]) for stage in line.stages] == [
        ("list_price", "list price", "9.99"),
        ("offer", "Spring: 15 % off", "8.4915"),
        ("customization", "options: 5.70 USD more", "14.19"),
    ]
    assert (line.unit_price, line.once, line.line_total) == (Decimal("14.19"), Decimal("3.00"), Decimal("31.38"))
    assert (order.total, order.status) == (Decimal("31.38"), OrderStatus.PENDING)
    [thing] = line.customizations
    assert (thing["answers"], thing["fonts"], thing["unit_price"]) == (GOLD, ["serif"], "8.4915")
    assert [(each["label"], each["text"]) for each in thing["shown"]] == [
        ("Colour", "Gold leaf"),
        ("Name to engrave", "Anna-Katharina"),
        ("Wrapping", "Paper"),
    ]
    proof = Proof.objects.get(pk=thing["proof"])
    with default_storage.open(str(proof.file)) as file:
        assert hashlib.sha256(file.read()).hexdigest() == proof.pk
    assert (proof.width, proof.height, proof.renderer_version) == (160, 120, thing["renderer_version"])
    assert not any(invariants.violations().values())


def test_percentages_are_of_the_exact_price_after_offers_and_price_breaks() -> None:
    box = {
        "key": "box",
        "type": "button",
        "label": "Box",
        "choices": [{"value": "oak", "label": "Oak", "price": {"mode": "percent", "amount": "10"}}],
    }
    product = make_customizable(box, price="9.99", stock=20)
    make_offer(percent="15", products=[product.pk])
    add_break(target=product, terms=BreakTerms(10, Decimal(10), None))
    order = place(make_user(), LineRequest(product.pk, 10, answers={"colour": "red", "box": "oak"}))
    [line] = OrderLine.objects.filter(order=order)
    # 9.99 - 15 % - 10 % = 7.64235, and a tenth of that more: 8.406585.
    assert [stage["amount"] for stage in line.stages] == ["9.99", "8.4915", "7.64235", "8.41"]
    assert line.surcharges[0]["amount"] == "0.764235"
    assert order.total == Decimal("84.10")
    assert invariants.violations()["orders.lines_follow_their_price"] == 0


@pytest.mark.parametrize(
    ("answers", "faults"),
    [
        ({}, {"/lines/1/answers/colour": "required"}),
        (
            {"colour": "pink", "size": "xl"},
            {"/lines/1/answers/colour": "unknown_choice", "/lines/1/answers/size": "unknown_option"},
        ),
        ({"colour": "red", "photo": "0" * 8}, {"/lines/1/answers/photo": "invalid_upload"}),
        ({"colour": "red", "name": "x" * 25}, {"/lines/1/answers/name": "max_length"}),
        ({"colour": "red", "name": "\U0001f9ff\U000f0000"}, {"/lines/1/answers/name": "forbidden_character"}),
    ],
)
def test_answers_that_are_not_legal_refuse_the_order(answers: dict[str, Any], faults: dict[str, str]) -> None:
    plain, product = make_product(), make_customizable(PHOTO)
    with pytest.raises(InvalidError) as refusal:
        place(make_user(), LineRequest(plain.pk, 1), LineRequest(product.pk, 1, answers=answers))
    assert faults_of(refusal.value) == faults
    assert nothing_was_placed()


def test_what_asks_nothing_takes_no_answers() -> None:
    with pytest.raises(InvalidError) as refusal:
        place(make_user(), LineRequest(make_product().pk, 1, answers={"colour": "red"}))
    assert [(error.location, error.code) for error in refusal.value.errors] == [
        ("/lines/0/answers/colour", "no_options")
    ]
    assert nothing_was_placed()


def test_a_text_that_does_not_fit_or_has_no_glyph_is_refused_before_it_is_sold() -> None:
    placed = {"x": 10, "y": 20, "width": 30, "height": 12, "font": "serif", "color": "#222222", "min_size": 10}
    tight = {**NAME, "key": "tight", "placement": placed}
    product = make_customizable(tight)
    lines = [
        LineRequest(product.pk, 1, answers={"colour": "red", "tight": text}) for text in ("Ada", "W" * 24, "\U00012000")
    ]
    with pytest.raises(InvalidError) as refusal:
        place(make_user(), *lines)
    assert faults_of(refusal.value) == {
        "/lines/1/answers/tight": "text_does_not_fit",
        "/lines/2/answers/tight": "glyph_missing",
    }
    assert nothing_was_placed()


@pytest.mark.parametrize(("method", "hours"), [(PaymentMethod.HOSTED, 72), (PaymentMethod.CASH_ON_DELIVERY, None)])
def test_special_requests_begin_under_review_with_their_stock_held(method: PaymentMethod, hours: int | None) -> None:
    product = make_customizable(SPECIAL, stock=5)
    special = {"colour": "red", "special": "A cat beside the name, please."}
    order = place(make_user(), LineRequest(product.pk, 1, answers=special), method=method)
    assert (order.status, order.under_review_at, order.pending_at) == ("under_review", order.placed_at, None)
    kept = order.hold_expires_at and order.hold_expires_at - order.placed_at
    assert kept == (pytest.approx(timedelta(hours=hours), abs=timedelta(seconds=5)) if hours else None)
    assert available(product) == 4
    assert not any(invariants.violations().values())


def test_a_choice_is_taken_from_its_own_stock_over_all_lines() -> None:
    product = make_customizable(stock=50)
    order = place(
        make_user(),
        LineRequest(product.pk, 5, answers={"colour": "gold"}),
        LineRequest(product.pk, 3, answers={"colour": "red"}),
        LineRequest(product.pk, 2, answers={"colour": "gold", "name": "Ada"}),
    )
    leaf = gold_leaf()
    assert dict(order.holds.values_list("stock_item", "quantity")) == {product.stock_id: 10, leaf.pk: 7}
    assert leaf.available == 5
    with pytest.raises(OutOfStockError) as refusal:
        place(make_user(), LineRequest(product.pk, 6, answers={"colour": "gold"}))
    assert refusal.value.extra["choices"] == [{"option": "colour", "value": "gold", "available": 5}]
    assert (gold_leaf().available, available(product), Order.objects.count()) == (5, 40, 1)


def test_a_choice_that_is_sold_out_is_a_conflict_that_names_it() -> None:
    product = make_customizable()
    hold({gold_leaf().pk: 12})
    with pytest.raises(OutOfStockError) as refusal:
        place(make_user(), LineRequest(product.pk, 1, answers={"colour": "gold"}))
    assert [(error.location, error.code) for error in refusal.value.errors] == [
        ("/lines/0/answers/colour", "out_of_stock")
    ]
    assert not Order.objects.exists()


def test_pictures_are_kept_for_good_and_others_pictures_are_not_there() -> None:
    user, product = make_user(), make_customizable(PHOTO)
    mine, other = send_picture(user), send_picture(make_user())
    answers = {"colour": "gold", "photo": str(mine.pk)}
    with pytest.raises(InvalidError) as refusal:
        place(user, LineRequest(product.pk, 1, answers={**answers, "photo": str(other.pk)}))
    assert [error.code for error in refusal.value.errors] == ["unknown_upload"]
    assert nothing_was_placed()
    order = place(user, LineRequest(product.pk, 1, answers=answers))
    [picture] = OrderLine.objects.get(order=order).customizations[0]["uploads"]
    assert (picture["id"], picture["sha256"], picture["option"]) == (str(mine.pk), mine.sha256, "photo")
    with pytest.raises(UploadInUseError):
        uploads.remove(upload=mine)
    Upload.objects.update(created_at=mine.created_at - timedelta(days=30))
    assert uploads.collect_unused() == 1
    assert list(Upload.objects.values_list("pk", flat=True)) == [mine.pk]


def _publish_anew(product: Product) -> None:
    template = CustomizationTemplate.objects.get(links__product=product)
    templates.update_template(template=template, changes={"schema": small_schema(SPECIAL)}, actor="user:staff")


def test_what_was_drawn_is_what_is_sold_or_nothing_is() -> None:
    user, product = make_user(), make_customizable()
    line = LineRequest(product.pk, 1, answers={"colour": "red", "name": "Ada"})
    drawings = checkout.draw_proofs(customer=customers.of(user), lines=[line])
    _publish_anew(product)
    with pytest.raises(ConflictError) as refusal:
        place(user, line, drawings=drawings)
    assert refusal.value.code == "options_changed"
    assert nothing_was_placed()
    assert place(user, line).lines.get().customizations[0]["version"] == 2


@pytest.mark.parametrize("is_noticed", [False, True])
def test_a_proof_that_is_forgotten_in_this_moment_is_not_sold(*, is_noticed: bool) -> None:
    user, product = make_user(), make_customizable()
    store = proofs.store

    def store_and_lose(drawn: Any) -> Any:
        stored = store(drawn)
        Proof.objects.all().delete()
        return {} if is_noticed else stored

    with patch.object(proofs, "store", store_and_lose), pytest.raises(ConflictError) as refusal:
        place(user, LineRequest(product.pk, 1, answers={"colour": "red"}))
    assert refusal.value.code == "options_changed"
    assert not Order.objects.exists()


def test_a_picture_that_is_removed_after_the_drawing_is_not_sold() -> None:
    user, product = make_user(), make_customizable(PHOTO)
    line = LineRequest(product.pk, 1, answers={"colour": "gold", "photo": str(send_picture(user).pk)})
    drawings = checkout.draw_proofs(customer=customers.of(user), lines=[line])
    Upload.objects.all().delete()
    with pytest.raises(DomainError):
        place(user, line, drawings=drawings)
    assert nothing_was_placed()


def test_equal_things_are_drawn_once_and_share_their_proof() -> None:
    product = make_customizable()
    line = LineRequest(product.pk, 1, answers={"colour": "red", "name": "Ada"})
    with patch.object(proofs, "draw", wraps=proofs.draw) as draw:
        place(make_user(), line, line)
    place(make_user(), line)
    assert draw.call_count == 1
    assert Proof.objects.count() == 1


def test_a_dozen_lines_of_different_answers_cost_as_many_queries_as_one() -> None:
    user, product = make_user(), make_customizable(PHOTO, stock=1000)

    def request(letter: int) -> LineRequest:
        answers = {"colour": "gold" if letter in {10, 30, 120} else "red", "name": f"N{letter}"}
        return LineRequest(product.pk, 1, answers={**answers, "photo": str(send_picture(user).pk)})

    def queries(count: int) -> int:
        lines = [request(10 * count + each) for each in range(count)]
        drawings = checkout.draw_proofs(customer=customers.of(user), lines=lines)
        with CaptureQueriesContext(connection) as captured:
            place(user, *lines, drawings=drawings)
        return len(captured)

    assert queries(1) == queries(3) == queries(12)


def test_no_order_costs_more_than_a_column_of_money_has_room_for() -> None:
    product = make_product(price="999999999.00", stock=1000)
    with pytest.raises(InvalidError) as refusal:
        place(make_user(), LineRequest(product.pk, 1000))
    assert faults_of(refusal.value) == {"/lines": "too_large"}
    assert nothing_was_placed()
