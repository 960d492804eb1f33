"""Cards' numbers are recognised however they are written, and little else is taken for one."""

import random

import pytest
from django.core.exceptions import ValidationError

from fantasize.core import card_numbers

VISA, AMEX = "4111111111111111", "378282246310005"


@pytest.mark.parametrize(
    "number",
    [
        VISA,
        AMEX,
        "5555555555554444",
        "2223003122003222",
        "6011111111111117",
        "3530111333300000",
        "6212345678901232",
        "4000000000000000006",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Charge {} please", "2026-11-21 {} 12/27 123", "No. 12-{}.", "({})"])
def test_numbers_of_all_networks_are_found(number: str, around: str) -> None:
    assert card_numbers.has_one(around.format(number))


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "1234 4111 1111 1111 1111 123",
        "4000 0000 0000 0000 006",
        "3782 822463 10005",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111\u20131111\u20131111\u20131111",
        "\uff14\uff11\uff11\uff11 1111 1111 1111",
        "\u0664\u0661\u0661\u0661111111111111",
    ],
)
def test_so_they_are_in_groups_and_in_other_digits(text: str) -> None:
    assert card_numbers.has_one(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111111111111112",
        "+44 20 7946 0958",
        "0044 7700 900123",
        "5901234123457",
        "00012345600012",
        "5" + VISA,
        VISA + "0123",
        "4111\n1111\n1111\n1111",
        "4111 1111-1111 1111",
        "1111 2222 3333 4444",
        "9999999999999995",
        "2026-11-21 10:30:00",
        "79df6f49-2454-4984-8498-9804b672a860",
        "01.02.1990 04.05.2020 06.07.2021",
    ],
)
def test_other_numbers_may_be_written(text: str) -> None:
    assert not card_numbers.has_one(text)


def test_of_all_last_digits_one_is_right() -> None:
    dice = random.Random(1)  # noqa: S311 - the same each time
    for _ in range(200):
        body = f"4{dice.randrange(10**14):014d}"
        assert sum(card_numbers.has_one(f"{body}{last}") for last in range(10)) == 1


@pytest.mark.parametrize("position", range(1, 16))
def test_a_number_with_one_wrong_digit_is_none(position: int) -> None:
    others = {*"0123456789"} - {VISA[position]}
    assert not any(card_numbers.has_one(VISA[:position] + digit + VISA[position + 1 :]) for digit in others)


def test_who_refuses_one_does_not_repeat_it() -> None:
    card_numbers.refuse("Happy birthday!")
    with pytest.raises(ValidationError) as refusal:
        card_numbers.refuse(f"My card is {VISA}")
    assert refusal.value.code == "card_number"
    assert VISA not in str(refusal.value)
