from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import given, settings
from hypothesis import strategies as st

from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.tests.api_client import STAFF, assert_problem, client_for, faults

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]


def echo(**body: Any) -> Any:
    return client_for().post("/api/echo", body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", 5),
        ("text", True),
        ("text", ["a"]),
        ("text", None),
        ("count", "5"),
        ("count", True),
        ("count", 1.5),
        ("count", -1),
        ("count", 2**31),
        ("count", 10**90),
        ("flag", 1),
        ("flag", "true"),
        ("flag", None),
        ("price", "1e3"),
        ("price", "NaN"),
        ("price", "Infinity"),
        ("price", "-0.01"),
        ("price", "1.005"),
        ("price", 1.005),
        ("price", ""),
        ("price", " 1"),
        ("price", "1_000"),
        ("price", "١"),
        ("price", True),
        ("price", [1]),
        ("price", 1e30),
        ("price", "9" * 12),
        ("price", "9" * 5000),
        ("yen", "1.5"),
        ("thing", 10**30),
        ("thing", "x"),
        ("thing", True),
        ("thing", -5),
        ("lines", {}),
        ("lines", None),
        ("colour", ["red"]),
        ("colour", 10**50),
    ],
)
def test_values_that_do_not_fit_are_refused_at_their_place(field: str, value: Any) -> None:
    assert list(faults(assert_problem(echo(**{field: value}), 422, "invalid"))) == [f"/{field}"]


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("count", 5.0, 5),
        ("count", 2**31 - 1, 2**31 - 1),
        ("price", "12.5", "12.50"),
        ("price", 12.5, "12.50"),
        ("price", 0.07, "0.07"),
        ("price", 3, "3.00"),
        ("price", "99999999999.99", "99999999999.99"),
        ("price", 99999999999.99, "99999999999.99"),
        ("yen", 500, "500"),
        ("yen", 500.0, "500"),
        ("flag", False, False),
    ],
)
def test_values_that_fit_are_read_exactly(field: str, value: Any, read: Any) -> None:
    assert echo(**{field: value}).json()["data"][field] == read


def test_money_is_written_with_all_its_decimals() -> None:
    class Priced(StrictSerializer):
        dollars = fields.MoneyField(currency="USD")
        dinars = fields.MoneyField(currency="KWD")
        yen = fields.MoneyField(currency="JPY")

    assert Priced({"dollars": "1.5", "dinars": "2", "yen": "3.000"}).data == {
        "dollars": "1.50",
        "dinars": "2.000",
        "yen": "3",
    }


def test_model_serializers_are_as_strict() -> None:
    response = client_for(STAFF).post("/api/things", {"id": 5, "name": 7, "permissions": [], "is_staff": True})
    assert faults(assert_problem(response, 422, "invalid")) == {
        "/id": "read_only",
        "/name": "invalid",
        "/permissions": "unknown_field",
        "/is_staff": "unknown_field",
    }
    assert not Group.objects.filter(name="7").exists()


def test_a_taken_name_is_a_fault_of_its_field() -> None:
    Group.objects.create(name="taken")
    assert faults(assert_problem(client_for(STAFF).post("/api/things", {"name": "taken"}), 422, "invalid")) == {
        "/name": "unique"
    }


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["text", "count", "flag", "price", "yen", "colour", "thing", "anything", "lines", "number", "x"]
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, JSON_VALUES, max_size=5))
def test_no_input_is_a_fault_of_ours(body: dict[str, Any]) -> None:
    assert echo(**body).status_code in (200, 422)


class _Inner(StrictSerializer):
    size = fields.IntegerField()
    count = fields.IntegerField(default=1)


class _Outer(StrictSerializer):
    name = fields.CharField()
    inner = _Inner(many=True)


def test_what_is_changed_in_part_has_whole_members() -> None:
    changes = _Outer(data={"inner": [{"size": 2}]}, partial=True)
    assert changes.is_valid()
    assert changes.validated_data == {"inner": [{"size": 2, "count": 1}]}
    assert changes.partial
    assert not _Outer(data={"inner": [{}]}, partial=True).is_valid()
