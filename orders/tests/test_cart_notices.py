"""What a shopper is told of the lines in their cart, and what of it can be ordered."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Package, Product, StockItem
from catalog.pricing import BreakTerms
from catalog.services import products
from catalog.services.price_breaks import add_break
from catalog.services.stock import hold
from catalog.tests.factories import make_offer, make_package, make_product
from customizations.models import ChoiceStock, CustomizationTemplate
from customizations.services import templates, uploads
from customizations.tests.factories import SPECIAL, WRAPPING
from orders.models import CartLine
from orders.services import carts
from orders.services.baskets import LineRequest
from orders.services.cart_reading import CartReading, LineReading
from orders.services.carts import LineChanges
from orders.tests.customized import PHOTO, make_customizable, make_customizable_package, send_picture

pytestmark = pytest.mark.django_db

RED = {"colour": "red"}


@pytest.fixture
def user() -> User:
    return make_user()


def put(user: User, thing: Product | Package, quantity: int = 1, **answers: Any) -> CartReading:
    named: Any = {f"{thing._meta.model_name}_id": thing.pk}
    return carts.put(owner=user.actor, wish=LineRequest(quantity=quantity, **named, **answers))


def change(user: User, line: LineReading, **changes: Any) -> CartReading:
    return carts.change(owner=user.actor, line_id=line.line.pk, changes=LineChanges(**changes))


def told(reading: CartReading) -> list[list[str]]:
    return [[f"{notice.code} {notice.pointer}".strip() for notice in line.notices] for line in reading.lines]


def reprice(product: Product, price: str) -> None:
    products.update_product(product=product, changes={"list_price": Decimal(price)})


def test_a_price_that_changes_is_told_until_the_shopper_agrees(user: User) -> None:
    mug = make_product(price="10.00")
    put(user, mug, 2)
    reprice(mug, "12.50")
    [line] = carts.read(user.actor).lines
    [notice] = line.notices
    assert (notice.code, notice.pointer, notice.was, notice.now) == (
        "price_changed",
        "/unit_price",
        Decimal("10.00"),
        Decimal("12.50"),
    )
    assert (notice.blocks, line.is_orderable) == (False, True)
    assert notice.detail == "It was 10.00 USD and is 12.50 USD now."
    # To take more of it is not to agree.
    assert told(change(user, line, quantity=3)) == told(put(user, mug)) == [["price_changed /unit_price"]]
    agreed = change(user, line, acknowledges_price=True)
    assert (told(agreed), agreed.quote.items) == ([[]], Decimal("50.00"))
    assert told(carts.read(user.actor)) == [[]]
    reprice(mug, "12.50")
    assert told(carts.read(user.actor)) == [[]]


def test_an_offer_that_ends_is_told_too_and_not_agreed_to_for_other_things(user: User) -> None:
    mug, lamp = make_product(), make_product()
    offer = make_offer(percent="50", products=[mug.pk])
    put(user, mug)
    offer.delete()
    assert told(put(user, lamp)) == [["price_changed /unit_price"], []]


def test_what_answers_cost_once_is_a_price_of_its_own(user: User) -> None:
    product = make_customizable(WRAPPING, price="8.00")
    put(user, product, answers={**RED, "wrapping": "paper"})
    template = CustomizationTemplate.objects.get()
    schema = deepcopy(template.schema)
    schema["options"][-1]["choices"][0]["price"]["amount"] = "4.00"
    templates.update_template(template=template, changes={"schema": schema}, actor="system")
    [line] = carts.read(user.actor).lines
    assert [(each.code, each.pointer, each.was, each.now) for each in line.notices] == [
        ("options_changed", "/answers", None, None),
        ("price_changed", "/once", Decimal("3.00"), Decimal("4.00")),
    ]
    assert told(change(user, line, acknowledges_price=True)) == [["options_changed /answers"]]
    assert told(change(user, line, answers={**RED, "wrapping": "paper"})) == [[]]


def test_a_shop_that_sells_in_another_currency_says_so(user: User, settings: Any) -> None:
    put(user, make_product(price="10.00"))
    settings.SHOP_CURRENCY = "EUR"
    [line] = carts.read(user.actor).lines
    assert [notice.detail for notice in line.notices] == ["It was 10.00 USD and is 10.00 EUR now."]


def test_a_price_break_that_the_shopper_reaches_is_no_news_for_any_of_its_lines(user: User) -> None:
    mug = make_customizable(price="10.00", stock=50)
    add_break(target=mug, terms=BreakTerms(10, Decimal(10), None))
    [first] = put(user, mug, 5, answers=RED).lines
    reading = put(user, mug, 5, answers={"colour": "red", "name": "Ada"})
    assert [line.priced and line.priced.unit_price for line in reading.lines] == [Decimal("9.00")] * 2
    assert told(reading) == told(carts.read(user.actor)) == [[], []]
    # And none when it is lost again, by a change or because a line goes.
    assert told(change(user, first, quantity=4)) == [[], []]
    assert told(change(user, first, quantity=5)) == [[], []]
    carts.remove(owner=user.actor, line_id=first.line.pk)
    assert told(carts.read(user.actor)) == [[]]
    assert CartLine.objects.get().unit_price == Decimal("10.00")


def test_a_price_that_has_changed_stays_told_when_other_lines_of_the_thing_change(user: User) -> None:
    mug = make_customizable(price="10.00")
    put(user, mug, answers=RED)
    reprice(mug, "11.00")
    reading = put(user, mug, answers={"colour": "red", "name": "Ada"})
    assert told(reading) == [["price_changed /unit_price"], []]
    assert [line.line.unit_price for line in reading.lines] == [Decimal("10.00"), Decimal("11.00")]


def test_what_is_sold_out_or_short_is_told_and_does_not_count(user: User) -> None:
    mug, lamp, vase = make_product(price="1.00", stock=5), make_product(price="2.00", stock=5), make_product(stock=0)
    put(user, mug, 5)
    put(user, lamp, 3)
    assert told(put(user, vase)) == [[], [], ["out_of_stock /quantity"]]
    hold({mug.stock_id: 2})
    hold({lamp.stock_id: 1})
    reading = carts.read(user.actor)
    assert told(reading) == [["only_n_left /quantity"], [], ["out_of_stock /quantity"]]
    assert [notice.available for line in reading.lines for notice in line.notices] == [3, 0]
    assert [line.is_orderable for line in reading.lines] == [False, True, False]
    assert (reading.is_orderable, reading.quote.items) == (False, Decimal("6.00"))
    assert {item.held for item in StockItem.objects.all()} == {0, 1, 2}
    assert change(user, reading.lines[0], quantity=3).lines[0].is_orderable


def test_lines_that_share_stock_are_counted_together_and_the_first_ones_get_it(user: User) -> None:
    mug = make_product(stock=5)
    box = make_package((mug, 2), own_price=15)
    put(user, mug, 2)
    assert told(put(user, box, 2)) == [[], ["only_n_left /quantity"]]
    reading = carts.read(user.actor)
    assert [notice.available for line in reading.lines for notice in line.notices] == [1]


def test_what_cannot_be_ordered_does_not_make_the_rest_cheaper(user: User) -> None:
    mug = make_customizable(price="10.00", stock=50)
    add_break(target=mug, terms=BreakTerms(10, Decimal(10), None))
    put(user, mug, 5, answers=RED)
    put(user, mug, 5, answers={"colour": "gold"})
    hold({ChoiceStock.objects.get(value="gold").stock_id: 12})
    reading = carts.read(user.actor)
    assert told(reading) == [["price_changed /unit_price"], ["out_of_stock /answers/colour"]]
    assert (reading.lines[0].priced, reading.quote.items) == (reading.quote.lines[0], Decimal("50.00"))


def test_what_is_not_sold_any_more_stays_and_is_marked(user: User) -> None:
    hidden, gone, part, kept = (make_product(name=f"Gift {name}") for name in "ABCD")
    box, lost = make_package(part, make_product(), own_price=15), make_package(make_product(), own_price=15)
    for thing in (hidden, gone, box, lost, kept):
        put(user, thing, 2)
    for product in (hidden, part):
        products.update_product(product=product, changes={"is_active": False})
    gone.delete()
    lost.delete()
    reading = carts.read(user.actor)
    assert told(reading) == [["not_sold"], ["not_sold"], ["out_of_stock /package"], ["not_sold"], []]
    assert [line.line.name for line in reading.lines][:2] == ["Gift A", "Gift B"]
    assert [line.priced is None for line in reading.lines] == [True, True, True, True, False]
    assert (reading.is_orderable, reading.quote.items) == (False, Decimal("20.00"))
    # How many there are can be changed all the same, and it can be taken out.
    assert told(change(user, reading.lines[0], quantity=1))[0] == ["not_sold"]
    for line in reading.lines[:4]:
        carts.remove(owner=user.actor, line_id=line.line.pk)
    assert carts.read(user.actor).is_orderable


def test_options_that_change_are_told_and_block_only_where_an_answer_is_not_legal_any_more(user: User) -> None:
    mug = make_customizable()
    put(user, mug, answers=RED)
    put(user, mug, answers={"colour": "gold"})
    template = CustomizationTemplate.objects.get()
    schema = deepcopy(template.schema)
    schema["options"][0]["choices"] = schema["options"][0]["choices"][:1]
    templates.update_template(template=template, changes={"schema": schema}, actor="system")
    reading = carts.read(user.actor)
    assert told(reading) == [
        ["options_changed /answers"],
        ["options_changed /answers", "unknown_choice /answers/colour"],
    ]
    assert [line.is_orderable for line in reading.lines] == [True, False]
    # It becomes the other line, which it is like now.
    assert [line.line.quantity for line in change(user, reading.lines[1], answers=RED).lines] == [2]
    assert told(carts.read(user.actor)) == [[]]


def test_a_template_that_goes_leaves_answers_that_nobody_asks_for(user: User) -> None:
    mug = make_customizable()
    put(user, mug, answers=RED)
    templates.retire(template=CustomizationTemplate.objects.get(), actor="system")
    assert told(carts.read(user.actor)) == [["options_changed /answers", "no_options /answers/colour"]]


def test_a_picture_that_its_owner_takes_away_is_missed(user: User) -> None:
    mug, picture = make_customizable(PHOTO), send_picture(user)
    put(user, mug, answers={**RED, "photo": str(picture.pk)})
    uploads.remove(upload=picture)
    [[code]] = told(carts.read(user.actor))
    assert code == "unknown_upload /answers/photo"


def test_parts_of_packages_have_their_own_faults_and_special_wishes(user: User) -> None:
    mug = make_customizable(SPECIAL)
    box = make_customizable_package((mug, 2), own_price=15)
    reading = put(user, box, parts={mug.pk: {**RED, "special": "A cat, please."}})
    [line] = reading.lines
    assert line.evaluated
    assert (line.evaluated.needs_approval, line.notices) == (True, [])
    hold({mug.stock_id: 9})
    assert told(carts.read(user.actor)) == [["out_of_stock /quantity"]]
