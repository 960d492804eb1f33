"""What an order would cost: by the rules that staff have written, and without doing anything."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.errors import CouponInvalidError, CouponMinTotalError
from catalog.models import Coupon, CouponRedemption, StockItem
from catalog.services import coupons
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_package, make_product
from fantasize.core.errors import InvalidError, RateLimitedError
from orders.models import Order, ShippingMethod
from orders.services import coupon_use, quoting
from orders.services.baskets import LineRequest
from orders.services.quoting import Estimate, Notice, Wishes
from orders.tests.customized import make_customizable
from orders.tests.terms import make_class, make_method, make_rate

pytestmark = pytest.mark.django_db
GB = {"country": "GB", "region": ""}


def estimate(*lines: LineRequest, address: Any = GB, customer: str = "user:1", **wishes: Any) -> Estimate:
    return quoting.estimate(lines, principal=customer, customer=customer, address=address, wishes=Wishes(**wishes))


def test_nothing_is_held_used_or_written() -> None:
    product = make_product(stock=5)
    create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(10), max_uses=1))
    for _ in range(2):
        found = estimate(LineRequest(product.pk, 2), coupon=" spring ")
        assert (found.quote.coupon, found.quote.total) == ("SPRING", Decimal("18.00"))
    assert not Order.objects.exists()
    assert not CouponRedemption.objects.exists()
    assert not StockItem.objects.filter(held__gt=0).exists()


def test_methods_are_those_that_go_to_the_country() -> None:
    product = make_product()
    make_method("post", "4.90", countries=["GB", "IE"])
    make_method("world", "14.90")
    make_method("secret", "0.10", is_active=False)
    line = LineRequest(product.pk)
    offered = {
        country: [way.code for way in estimate(line, address={"country": country}).quote.methods]
        for country in ("GB", "IE", "DE")
    }
    assert offered == {"GB": ["post", "world"], "IE": ["post", "world"], "DE": ["world"]}
    assert [way.code for way in estimate(line, address={}).quote.methods] == ["world"]
    ShippingMethod.objects.filter(code="world").delete()
    assert estimate(line, address={"country": "DE"}).quote.total == Decimal("10.00")
    with pytest.raises(InvalidError) as refusal:
        estimate(line, address={"country": "DE"}, shipping_method="post")
    assert [fault.location for fault in refusal.value.errors] == ["/shipping_method"]


def test_a_package_weighs_what_its_parts_do() -> None:
    heavy, light = make_product(weight_grams=900), make_product(weight_grams=60)
    make_method("post", None, (0, "3.90"), (1000, "5.90"), (2000, None))
    box = make_package(heavy, (light, 2))
    assert estimate(LineRequest(heavy.pk)).quote.shipping == Decimal("3.90")
    assert estimate(LineRequest(package_id=box.pk)).quote.shipping == Decimal("5.90")
    assert estimate(LineRequest(heavy.pk), LineRequest(light.pk, 2)).quote.shipping == Decimal("5.90")
    assert estimate(LineRequest(package_id=box.pk, quantity=2)).quote.methods == ()


def test_a_class_says_the_rate_and_none_is_the_default_class() -> None:
    standard, books = make_class(), make_class("books", is_default=False)
    make_rate(standard, "20", is_included=True)
    make_rate(books, "5")
    plain, book = make_product(price="12.00"), make_product(price="10.00", tax_class=books)
    box = make_package(book, own_price=Decimal("20.00"), tax_class=books)
    make_method("post", "6.00")
    price = estimate(LineRequest(plain.pk), LineRequest(book.pk), LineRequest(package_id=box.pk)).quote
    assert [(tax.terms.tax_class, str(tax.base), str(tax.amount)) for tax in price.taxes] == [
        ("standard", "18.00", "3.00"),
        ("books", "30.00", "1.50"),
    ]
    assert (price.tax_included, price.total) == (Decimal("3.00"), Decimal("49.50"))


def test_without_a_default_class_only_what_is_in_a_class_is_taxed() -> None:
    books = make_class("books", is_default=False)
    make_rate(books, "5")
    lines = [LineRequest(make_product().pk), LineRequest(make_product(tax_class=books).pk)]
    assert estimate(*lines).quote.tax == Decimal("0.50")


def test_a_region_has_its_own_rate_in_place_of_the_countrys() -> None:
    standard = make_class()
    make_rate(standard, "5", country="US")
    make_rate(standard, "8.875", country="US", region="New York")
    line = LineRequest(make_product(price="100.00").pk)
    taxes = {
        region: str(estimate(line, address={"country": "US", "region": region}).quote.tax)
        for region in ("", "Ohio", "new york ")
    }
    assert taxes == {"": "5.00", "Ohio": "5.00", "new york ": "8.88"}
    assert estimate(line, address={"country": "CA", "region": "New York"}).quote.tax == 0


@pytest.mark.parametrize("written", ["NY", "New York"])
def test_a_region_is_the_same_by_its_code_and_by_its_names(written: str) -> None:
    standard = make_class()
    make_rate(standard, "5", country="US")
    make_rate(standard, "8.875", country="US", region=written)
    make_rate(standard, "13", country="CA", region="nb")
    line = LineRequest(make_product(price="100.00").pk)

    def tax(country: str, region: str) -> str:
        return str(estimate(line, address={"country": country, "region": region}).quote.tax)

    assert {tax("US", region) for region in ("NY", "ny", " New York ", "NEW YORK")} == {"8.88"}
    assert {tax("US", region) for region in ("", "NJ", "York")} == {"5.00"}
    assert {tax("CA", region) for region in ("NB", "New Brunswick", "Nouveau-Brunswick")} == {"13.00"}
    assert {tax("CA", "NY"), tax("XX", "NY"), tax("", "NY")} == {"0.00"}


def test_what_there_is_too_little_of_is_told_line_by_line() -> None:
    scarce, gone = make_product(stock=3), make_product(stock=0)
    box = make_package((scarce, 2))
    found = estimate(
        LineRequest(scarce.pk, 2), LineRequest(package_id=box.pk), LineRequest(scarce.pk, 2), LineRequest(gone.pk)
    )
    assert found.notices == (
        None,
        Notice("out_of_stock", "There is none of it now.", 0),
        Notice("only_n_left", "There are only 1 of it now.", 1),
        Notice("out_of_stock", "There is none of it now.", 0),
    )


def test_a_choice_that_is_sold_out_leaves_none_of_its_line() -> None:
    product = make_customizable(stock=5)
    StockItem.objects.exclude(pk=product.stock_id).update(on_hand=0)
    lines = [LineRequest(product.pk, 2, answers={"colour": colour, "name": "Ada"}) for colour in ("gold", "red")]
    assert estimate(*lines).notices == (Notice("out_of_stock", "There is none of it now.", 0), None)


@pytest.mark.parametrize("coupon", ["", "ALL"])
def test_what_no_order_can_cost_is_refused_as_an_order_of_it(coupon: str) -> None:
    create_coupon(new=NewCoupon(code="ALL", percent=Decimal(100)))
    product = make_product(price="99999999.99", stock=3000)
    assert estimate(LineRequest(product.pk, 1000), coupon=coupon).quote.items == Decimal("99999999990.00")
    for wanted in ([LineRequest(product.pk, 1000)] * 2, [LineRequest(product.pk, 501), LineRequest(product.pk, 500)]):
        with pytest.raises(InvalidError) as refusal:
            estimate(*wanted, coupon=coupon)
        assert [(fault.location, fault.code) for fault in refusal.value.errors] == [("/lines", "too_large")]


def test_answers_are_judged_as_an_orders() -> None:
    product = make_customizable()
    with pytest.raises(InvalidError) as refusal:
        estimate(LineRequest(product.pk, answers={"colour": "purple"}))
    assert "/lines/0/answers/colour" in {fault.location for fault in refusal.value.errors}


@pytest.mark.parametrize("terms", [{}, {"is_active": False}, {"max_uses": 1}])
def test_a_coupon_that_cannot_be_used_is_never_told_apart(terms: dict[str, Any]) -> None:
    line = LineRequest(make_product().pk)
    if terms:
        coupon = create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(10), **terms))
        CouponRedemption.objects.create(coupon=coupon, reference="1", customer="user:2", amount=1)
    with pytest.raises(CouponInvalidError) as refusal:
        estimate(line, coupon="SPRING")
    assert (refusal.value.detail, refusal.value.extra) == (CouponInvalidError().detail, {})


def test_a_coupon_may_ask_for_a_least_total_of_the_items() -> None:
    create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(10), min_total=Decimal("20.00")))
    make_method("post", "15.00")
    product = make_product()
    with pytest.raises(CouponMinTotalError):
        estimate(LineRequest(product.pk), coupon="SPRING")
    assert estimate(LineRequest(product.pk, 2), coupon="SPRING").quote.total == Decimal("33.00")


def test_guesses_from_one_address_are_counted_whoever_guesses(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "coupons_address": "2/1h"}
    create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(10)))
    line = LineRequest(make_product().pk)

    def try_code(code: str, number: int, place: str = "192.0.2.7") -> None:
        estimate(line, customer=f"cart:{number}", coupon=code, caller_address=place)

    for number in range(2):
        with pytest.raises(CouponInvalidError):
            try_code("GUESS", number)
    for code in ("GUESS", "SPRING"):
        with pytest.raises(RateLimitedError):
            try_code(code, 9)
    try_code("SPRING", 9, "192.0.2.8")


def test_the_guess_that_is_one_too_many_is_not_told_that_it_was_wrong(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "coupons_address": "0/1h"}
    with pytest.raises(RateLimitedError):
        estimate(LineRequest(make_product().pk), coupon="GUESS", caller_address="192.0.2.9")


def test_a_coupon_deleted_at_that_moment_is_as_if_it_had_not_been_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coupons, "check", lambda **_asked: Decimal(1))
    assert not Coupon.objects.exists()
    with pytest.raises(CouponInvalidError):
        coupon_use.check("SPRING", customer="user:1", caller_address="", items_total=Decimal(10), at=None)  # type: ignore[arg-type] # nobody looks


def test_a_dozen_lines_cost_as_many_queries_as_one() -> None:
    make_rate(make_class(), "20")
    make_method("post", None, (0, "3.90"))
    create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(10), max_uses=9))
    products = [make_product() for _ in range(12)]

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            estimate(*(LineRequest(product.pk) for product in products[:count]), coupon="SPRING")
        return len(captured)

    assert queries(1) == queries(3) == queries(12)
