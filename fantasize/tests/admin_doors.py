"""Going through the doors of the admin in tests."""

import uuid
from http import HTTPStatus
from typing import Any

from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user

LOGIN = "/admin/login/"
SECOND_STEP = "/admin/login/second-step/"
CONFIRM = "/admin/second-factor/confirm/"
PAGES = ("/admin/", "/admin/orders/order/", "/admin/password_change/", "/admin/second-factor/", "/admin/jsi18n/")
WRONG = "E-mail address, username or password is wrong."


def browser(**more: Any) -> Client:
    """A browser whose failures nobody has counted yet."""
    number = uuid.uuid4().int
    return Client(REMOTE_ADDR=f"10.{number % 250}.{number // 250 % 250}.{number // 62500 % 250}", **more)


def password(client: Client, user: User, *, word: str = PASSWORD, then: str = "", **more: Any) -> Any:
    """What the sign-in page answers."""
    return client.post(LOGIN, {"username": user.email, "password": word, "next": then}, **more)


def code(client: Client, text: str, **more: Any) -> Any:
    """What the second step answers."""
    return client.post(SECOND_STEP, {"code": text}, **more)


def make_staff(*, role: str = "manager", **fields: Any) -> User:
    """Somebody of the staff with a proven address."""
    return make_user(role=role, **fields)


def is_in(client: Client) -> bool:
    """Whether the dashboard opens."""
    return bool(client.get("/admin/").status_code == HTTPStatus.OK)


def opens_nothing(client: Client) -> bool:
    """Whether every page leads to the sign-in page."""
    return all(client.get(page).status_code == HTTPStatus.FOUND for page in PAGES)


def refusals(answer: Any) -> list[str]:
    """What a form says above its fields."""
    return [str(error) for error in answer.context["form"].non_field_errors()]
