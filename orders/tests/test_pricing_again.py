"""Two ways to reckon the same cart agree to the coin."""

from random import Random

from orders.tests.quotes_again import reckon
from orders.tests.random_carts import quoted, random_cart


def test_a_second_reckoning_agrees_on_random_carts() -> None:
    dice = Random(20261121)  # noqa: S311 - the same carts every time
    for number in range(400):
        cart = random_cart(dice)
        assert quoted(cart) == reckon(cart), (number, cart)


def test_the_second_reckoning_would_notice_a_coin() -> None:
    cart = random_cart(Random(1))  # noqa: S311 - as above
    first = cart["lines"][0]
    dearer = {**cart, "lines": [{**first, "once": first["once"] + 1}, *cart["lines"][1:]]}
    assert quoted(cart)["items"] != reckon(dearer)["items"]
