"""Passwords at Django's own doors, and the API keys of the environment."""

from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import ImproperlyConfigured

from accounts import auth, policies
from accounts.auth import Machine
from accounts.auth.social.identity import name_in
from accounts.tests.factories import PASSWORD, make_user
from accounts.validators import is_plain_text

KEY = "0123456789abcdef:with+all"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "credentials", [{"username": "ADA"}, {"username": "Ada@example.com"}, {"email": "ada@example.com"}]
)
def test_django_signs_in_by_address_and_username(credentials: dict[str, str]) -> None:
    user = make_user(email="ada@example.com", username="ada")
    assert authenticate(None, password=PASSWORD, **credentials) == user


@pytest.mark.django_db
@pytest.mark.parametrize(
    "credentials",
    [
        {"username": "ada", "password": "wrong"},
        {"username": "ada", "password": None},
        {"username": "", "password": PASSWORD},
        {"password": PASSWORD},
        {"username": "nobody", "password": PASSWORD},
        {"username": "gone", "password": PASSWORD},
    ],
)
def test_django_lets_nobody_else_in(credentials: dict[str, Any]) -> None:
    make_user(username="ada")
    make_user(username="gone", is_active=False)
    assert authenticate(None, **credentials) is None


def test_a_machine_is_found_by_its_key_and_by_no_other(settings: Any) -> None:
    settings.API_KEYS = [f"factory:{KEY}:orders+catalog.view_product", "exports:fedcba9876543210:orders.view_order"]
    machine = auth.find_machine(KEY)
    assert machine is not None
    assert (machine.name, str(machine), machine.actor) == ("factory", "factory", "key:factory")
    assert KEY not in repr(machine)
    for wrong in ("", "0123456789abcdef", KEY.upper(), KEY + " ", "\udcff", "x" * 100_000):
        assert auth.find_machine(wrong) is None


def test_a_scope_is_a_permission_or_an_app() -> None:
    machine = Machine("factory", frozenset({"orders", "catalog.view_product"}), b"")
    assert machine.has_perm("orders.change_order")
    assert machine.has_perms(["orders.view_order", "catalog.view_product"])
    assert not machine.has_perm("catalog.change_product")
    assert not machine.has_perm("accounts.change_user")
    assert not machine.has_perms(["orders.view_order", "catalog.change_product"])


def test_a_machine_is_known_and_nobody() -> None:
    machine = Machine("factory", frozenset({"accounts"}), b"")
    assert (machine.is_authenticated, machine.is_active, machine.is_anonymous) == (True, True, False)
    assert (machine.is_staff, machine.is_superuser, machine.pk) == (False, False, None)
    assert not policies.is_person(machine)
    assert not policies.can_manage_users(machine)
    with pytest.raises(AttributeError):
        machine.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "entry", ["", "factory", f"factory:{KEY[:16]}", "factory:short:orders", f":{KEY}:orders", f"factory:{KEY}:"]
)
def test_an_ill_formed_key_is_refused_without_being_shown(entry: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="entry 2") as caught:
        auth.machines(("exports:fedcba9876543210:orders", entry))
    assert KEY[:16] not in str(caught.value)


def test_no_keys_no_machines(settings: Any) -> None:
    settings.API_KEYS = []
    assert auth.find_machine(KEY) is None


@pytest.mark.django_db
def test_who_may_do_what() -> None:
    table = {
        "nobody": (AnonymousUser(), (False, False, False, False, False)),
        "customer": (make_user(), (True, False, False, False, False)),
        "manager": (make_user(role="manager"), (True, True, False, False, False)),
        "administrator": (make_user(role="administrator"), (True, True, True, True, True)),
        "inactive": (make_user(role="administrator", is_active=False), (False, False, False, False, False)),
    }
    questions = (
        policies.is_person,
        policies.is_staff_actor,
        policies.can_view_users,
        policies.can_manage_users,
        policies.can_manage_roles,
    )
    for name, (actor, expected) in table.items():
        assert tuple(question(actor) for question in questions) == expected, name


@pytest.mark.django_db
def test_nobody_edits_somebody_more_powerful() -> None:
    customer, manager, administrator = make_user(), make_user(role="manager"), make_user(role="administrator")
    root = make_user(is_staff=True, is_superuser=True)
    support = make_user(is_staff=True)
    support.user_permissions.set(_permissions("change_user", "view_user"))
    everybody = (customer, manager, administrator, root, support)
    editable = {
        customer: (),
        manager: (),
        support: (customer,),
        administrator: (customer, manager, administrator, support),
        root: everybody,
    }
    for actor, targets in editable.items():
        assert tuple(user for user in everybody if policies.can_edit_user(actor, user)) == tuple(
            user for user in everybody if user in targets
        )


def _permissions(*codenames: str) -> Any:
    return Permission.objects.filter(content_type__app_label="accounts", codename__in=codenames)


@pytest.mark.parametrize(
    "text",
    [
        "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}",
        "O'Brien-Smith",
        "\u05d3\u05d5\u05d3",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f381",
    ],
)
def test_names_of_all_scripts_are_plain(text: str) -> None:
    assert is_plain_text(text)


@pytest.mark.parametrize(
    "text", ["a\nb", "a\rb", "a\tb", "a\x00b", "a\x7fb", "a\x85b", "a\u2028b", "a\u202eb", "a\u2066b"]
)
def test_control_characters_and_turned_text_are_not(text: str) -> None:
    assert not is_plain_text(text)


@pytest.mark.parametrize("name", ["", " ", "\u200b", "a\nb", "x" * 151, None])
def test_what_is_no_name_is_not_taken_over_from_a_provider(name: Any) -> None:
    assert name_in(name) == ""
    assert name_in(" Zo\u00eb ") == "Zo\u00eb"
