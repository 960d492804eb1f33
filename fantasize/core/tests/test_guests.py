"""Tokens of guests: nobody guesses them, and nobody gets them back from what the shop keeps."""

import pytest

from fantasize.core import guests


def test_a_token_has_256_bits_and_is_never_given_out_twice() -> None:
    tokens = {guests.new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) * 6 // 8 for token in tokens} == {32}
    assert all(map(guests.is_token, tokens))


def test_what_the_shop_keeps_names_the_guest_and_holds_no_token() -> None:
    token, other = guests.new_token(), guests.new_token()
    assert guests.principal_of(token) == guests.principal_of(token) != guests.principal_of(other)
    assert token not in guests.principal_of(token)
    assert len(guests.principal_of(token)) < 100


@pytest.mark.parametrize("text", ["", "1", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "é", "a" * 43 + "\n"])
def test_what_could_be_guessed_or_is_spelled_otherwise_is_no_token(text: str) -> None:
    assert not guests.is_token(text)
