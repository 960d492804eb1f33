"""Coupon, shipping and tax of an order: to the coin, and recomputable from the answer."""

from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest

from catalog.pricing import CurrentPrice, coupon_cliff
from catalog.tests.test_pricing import examples
from fantasize.core.errors import InvalidError
from orders.enums import ShippingKind
from orders.pricing import Band, CouponTerms, Item, Quote, ShippingTerms, TaxTerms, Terms, quote, shipping_cliffs
from orders.tests.random_carts import cart_terms, items_of, random_cart

CENT = Decimal("0.01")
VAT = TaxTerms("VAT", "standard", Decimal(20), is_included=True)
SALES_TAX = TaxTerms("Sales tax", "standard", Decimal("8.875"), is_included=False)


def item(price: str, quantity: int = 1, *, thing: object = "lantern", tax_class: str = "", grams: int = 0) -> Item:
    current = CurrentPrice(Decimal(price), Decimal(price))
    return Item(thing, current, quantity, tax_class=tax_class or None, weight_grams=grams)


def flat(price: str, *, code: str = "post", free_above: str = "", tax_class: str = "") -> ShippingTerms:
    free = Decimal(free_above) if free_above else None
    return ShippingTerms(code, code.title(), ShippingKind.FLAT, Decimal(price), (), free, tax_class or None)


def banded(kind: ShippingKind, *bands: tuple[int, str], free_above: str = "") -> ShippingTerms:
    steps = tuple(Band(Decimal(minimum), Decimal(price) if price else None) for minimum, price in bands)
    return ShippingTerms("post", "Post", kind, None, steps, Decimal(free_above) if free_above else None)


def told(price: Quote) -> list[tuple[str, str, str, str]]:
    return [(step.stage, step.rule, str(step.change), str(step.amount)) for step in price.steps]


def test_where_no_rule_matches_nothing_is_added() -> None:
    price = quote([item("12.50", 2)], currency="USD")
    assert (price.total, price.shipping + price.tax + price.discounts) == (Decimal("25.00"), Decimal(0))
    assert (price.method, price.methods, price.taxes, price.coupon) == (None, (), (), "")
    assert told(price) == [
        ("items", "all lines", "25.00", "25.00"),
        ("total", "what there is to pay", "0.00", "25.00"),
    ]


def test_every_step_is_told_with_its_rule() -> None:
    terms = Terms(
        CouponTerms("SPRING", Decimal(10), None),
        (flat("4.90", tax_class="standard"),),
        None,
        {"standard": SALES_TAX, "reduced": TaxTerms("VAT", "reduced", Decimal(7), is_included=True)},
    )
    lines = [item("40.00", 2, tax_class="standard"), item("10.70", thing="book", tax_class="reduced")]
    price = quote(lines, currency="USD", terms=terms)
    assert told(price) == [
        ("items", "all lines", "90.70", "90.70"),
        ("coupon", "SPRING: 10 % off", "-9.07", "81.63"),
        ("shipping", "Post: every parcel", "4.90", "86.53"),
        ("tax", "Sales tax: 8.875 % of 76.90 USD", "6.82", "93.35"),
        ("tax", "VAT: 7 % of 9.63 USD, 0.63 USD included", "0.00", "93.35"),
        ("total", "what there is to pay", "0.00", "93.35"),
    ]
    assert [(str(line.discount), str(line.tax), str(line.tax_included), line.tax_class) for line in price.lines] == [
        ("8.00", "6.39", "0", "standard"),
        ("1.07", "0", "0.63", "reduced"),
    ]
    assert (price.tax, price.tax_included) == (Decimal("6.82"), Decimal("0.63"))
    assert [str(tax.shares[-1]) for tax in price.taxes] == ["0.43", "0.00"]


def test_an_included_tax_leaves_the_total_alone() -> None:
    plain = quote([item("12.00", tax_class="standard")], currency="USD")
    taxed = quote([item("12.00", tax_class="standard")], currency="USD", terms=Terms(rates={"standard": VAT}))
    assert (taxed.total, taxed.tax, taxed.tax_included) == (plain.total, Decimal(0), Decimal("2.00"))


def test_what_costs_nothing_is_not_taxed() -> None:
    coupon = CouponTerms("ALL", Decimal(100), None)
    terms = Terms(coupon, rates={"standard": SALES_TAX})
    price = quote([item("12.00", tax_class="standard")], currency="USD", terms=terms)
    assert (price.total, len(price.taxes), price.lines[0].tax_class) == (Decimal(0), 0, "standard")


@pytest.mark.parametrize(
    ("worth", "grams", "expected"),
    [
        ("10.00", 0, "3.90"),
        ("10.00", 999, "3.90"),
        ("10.00", 1000, "5.90"),
        ("10.00", 19_999, "5.90"),
        ("10.00", 20_000, None),
        ("59.99", 1000, "5.90"),
        ("60.00", 1000, "0.00"),
        ("60.00", 20_000, None),
    ],
)
def test_weight_decides_until_it_is_free_or_too_much(worth: str, grams: int, expected: str | None) -> None:
    method = banded(ShippingKind.BY_WEIGHT, (1000, "5.90"), (0, "3.90"), (20_000, ""), free_above="60")
    price = quote([item(worth, grams=grams)], currency="USD", terms=Terms(methods=(method,)))
    assert [str(option.price) for option in price.methods] == ([] if expected is None else [expected])
    assert price.total == Decimal(worth) + Decimal(expected or 0)


def test_a_parcel_below_every_band_is_not_sent_like_that() -> None:
    method = banded(ShippingKind.BY_TOTAL, (20, "2.00"))
    for worth, count in (("19.99", 0), ("20.00", 1)):
        assert len(quote([item(worth)], currency="USD", terms=Terms(methods=(method,))).methods) == count


def test_the_coupon_is_off_before_shipping_looks_at_the_worth() -> None:
    method = flat("4.90", free_above="50")
    terms = Terms(CouponTerms("SPRING", None, Decimal("0.01")), (method,))
    assert quote([item("50.00")], currency="USD", terms=terms).shipping == Decimal("4.90")
    assert quote([item("50.01")], currency="USD", terms=terms).shipping == 0


def test_the_cheapest_is_taken_and_of_equals_the_first() -> None:
    methods = (flat("8.50", code="courier"), flat("4.90", code="post"), flat("4.90", code="walk"))
    price = quote([item("1.00")], currency="USD", terms=Terms(methods=methods))
    assert [option.code for option in price.methods] == ["post", "walk", "courier"]
    assert price.method is price.methods[0]
    chosen = quote([item("1.00")], currency="USD", terms=Terms(methods=methods, shipping_method="courier"))
    assert (chosen.method and chosen.method.code, chosen.total) == ("courier", Decimal("9.50"))


def test_a_method_that_does_not_take_it_is_refused() -> None:
    for methods in ((), (flat("4.90"),)):
        with pytest.raises(InvalidError) as refusal:
            quote([item("1.00")], currency="USD", terms=Terms(methods=methods, shipping_method="rocket"))
        [fault] = refusal.value.errors
        assert (fault.location, fault.code) == ("/shipping_method", "not_available")


def again(price: Quote) -> Decimal:
    """The total from nothing but the rules that the steps name, and what shipping costs."""
    amount = Decimal(0)
    for step in price.steps:
        terms = step.rule.rpartition(": ")[2]
        change = Decimal(0)
        if step.stage == "items":
            change = sum((line.unit_price * line.quantity + line.once for line in price.lines), Decimal(0))
        elif step.stage == "coupon" and terms.endswith(" % off"):
            percent = Decimal(terms.removesuffix(" % off"))
            change = (amount * (100 - percent) / 100).quantize(price.total, ROUND_HALF_UP) - amount
        elif step.stage == "coupon":
            change = -min(Decimal(terms.split()[0]), amount)
        elif step.stage == "shipping":
            change = step.change
        elif step.stage == "tax" and not terms.endswith(" included"):
            percent, base = Decimal(terms.split()[0]), Decimal(terms.split()[3])
            change = (base * percent / 100).quantize(price.total, ROUND_HALF_UP)
        assert step.change == change
        amount += change
        assert step.amount == amount
    return amount


def test_a_total_can_be_recomputed_from_the_answer() -> None:
    dice = Random(7)  # noqa: S311 - the same carts every time
    for _ in range(150):
        cart = random_cart(dice)
        price = quote(items_of(cart), currency=cart["currency"], terms=cart_terms(cart))
        assert again(price) == price.total == price.items - price.discounts + price.shipping + price.tax
        assert sum(line.discount for line in price.lines) == price.discounts
        assert all(0 <= line.discount <= line.total for line in price.lines)
        shipped = sum(tax.shares[-1] for tax in price.taxes if not tax.terms.is_included)
        assert sum(line.tax for line in price.lines) + shipped == price.tax


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (flat("4.90"), []),
        (flat("4.90", free_above="50"), [(50, "54.89", "50.00")]),
        (flat("0.01", free_above="50"), []),
        (flat("4.90", free_above="0"), []),
        (banded(ShippingKind.BY_TOTAL, (0, "4.90"), (20, "5.90")), []),
        (banded(ShippingKind.BY_TOTAL, (0, "4.90"), (20, "2.00")), [(20, "24.89", "22.00")]),
        (banded(ShippingKind.BY_TOTAL, (0, "4.90"), (20, "")), []),
        (banded(ShippingKind.BY_TOTAL, (0, "4.90"), (20, "2.00"), free_above="20"), [(20, "24.89", "20.00")]),
        (banded(ShippingKind.BY_TOTAL, (10, "4.90"), free_above="10"), []),
        (banded(ShippingKind.BY_WEIGHT, (0, "3.90"), (500, "2.90"), (900, "")), [(500, "3.90", "2.90")]),
        (banded(ShippingKind.BY_WEIGHT, (0, "3.90"), (500, "5.90"), free_above="50"), [(50, "55.89", "50.00")]),
    ],
)
def test_where_more_costs_less_is_found(method: ShippingTerms, expected: list[tuple[int, str, str]]) -> None:
    found = [(cliff.minimum, str(cliff.before), str(cliff.after)) for cliff in shipping_cliffs(method, currency="USD")]
    assert found == [(Decimal(minimum), before, after) for minimum, before, after in expected]


def test_no_cliff_of_the_goods_is_missed() -> None:
    dice = Random(11)  # noqa: S311 - the same methods every time
    for _ in range(100):
        steps: dict[int, str] = {dice.randint(0, 30): f"{dice.randint(0, 500) / 100:.2f}" for _ in range(3)}
        free = str(dice.randint(1, 40)) if dice.random() < 0.5 else ""
        method = banded(ShippingKind.BY_TOTAL, *steps.items(), free_above=free)
        found = {cliff.minimum for cliff in shipping_cliffs(method, currency="USD")}
        assert found == {limit for limit in map(Decimal, range(1, 42)) if _is_cheaper_at(limit, method)}


def _is_cheaper_at(limit: Decimal, method: ShippingTerms) -> bool:
    prices: list[Any] = []
    for worth in (limit - CENT, limit):
        price = quote([item(str(worth))], currency="USD", terms=Terms(methods=(method,)))
        prices.append(price.total if price.method else None)
    return None not in prices and prices[1] < prices[0]


@pytest.mark.parametrize(
    ("least", "percent", "amount", "expected"),
    [
        ("0", "10", None, None),
        ("40.00", None, "5.00", ("39.99", "35.00")),
        ("40.00", "10", None, ("39.99", "36.00")),
        ("0.10", "10", None, None),
    ],
)
def test_a_coupon_that_rewards_who_orders_more_is_found(
    least: str, percent: str | None, amount: str | None, expected: tuple[str, str] | None
) -> None:
    terms = {"percent": Decimal(percent) if percent else None, "amount": Decimal(amount) if amount else None}
    found = coupon_cliff(Decimal(least), **terms, currency="USD")
    assert (found and (str(found.total_before), str(found.total))) == expected


@pytest.mark.parametrize(("net", "rate", "tax", "whole"), examples("net | rate | tax"))
def test_documented_taxes(net: str, rate: str, tax: str, whole: str) -> None:
    percent, _, how = rate.partition(" % ")
    terms = TaxTerms("VAT", "standard", Decimal(percent), is_included=how == "included")
    price = quote([item(net, tax_class="standard")], currency="USD", terms=Terms(rates={"standard": terms}))
    assert (str(price.taxes[0].amount), str(price.total)) == (tax, whole)


@pytest.mark.parametrize(("bands", "free_from", "goods", "shipping"), examples("bands | free from | goods | shipping"))
def test_documented_shipping(bands: str, free_from: str, goods: str, shipping: str) -> None:
    steps = [(int(part.split(": ")[0].removeprefix("from ")), part.split(": ")[1]) for part in bands.split(", ")]
    method = banded(ShippingKind.BY_TOTAL, *steps, free_above=free_from)
    price = quote([item(goods)], currency="USD", terms=Terms(methods=(method,)))
    assert str(price.shipping) == shipping
