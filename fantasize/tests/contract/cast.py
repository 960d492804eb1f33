"""Everybody who may call the shop: people in every state, and programs; what they have, and what they ask."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile

from accounts.enums import SignInMethod
from accounts.models import RolePolicy, User
from accounts.services import mfa, sessions
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import add_passkey
from accounts.tokens import issue_access
from customizations.tests.factories import SCHEMA
from fantasize.core import clock
from fantasize.tests.contract.world import World
from orders.tests.factories import ADDRESS

IDLE_KEY, WORKING_KEY = "idle-key-of-the-tests", "working-key-of-the-tests"
# One program that may do nothing, and one with everything that there is.
API_KEYS = [
    f"idle:{IDLE_KEY}:nothing",
    f"working:{WORKING_KEY}:orders+catalog+customizations+notifications+accounts+auth+core",
]
# Tokens that open nothing, and what is said of each.
DEAD = {"deactivated": "token_invalid", "expired": "token_expired", "pending": "token_invalid"}
_PERSON = {"email": "new@example.com", "password": PASSWORD}
_PRODUCT = {"name": "Oak lantern", "price": "12.50"}

Body = Callable[[World], Any] | dict[str, Any]


def _credentials(world: World) -> dict[str, Any]:
    return {"email": world.user("stranger").email, "password": PASSWORD}


def _refresh(world: World) -> dict[str, Any]:
    return {"refresh": sessions.begin(user=world.user("customer"), device=Device()).refresh}


def _basket(world: World) -> dict[str, Any]:
    lines = [{"product": world.shared["products"], "quantity": 2, "answers": {"colour": "red"}}]
    return {"lines": lines, "payment_method": "cash_on_delivery", "shipping_address": ADDRESS}


def _draft(world: World) -> dict[str, Any]:
    whom = {"email": "guest@example.com", "recipient": {"name": "Ada"}}
    return {"order": {**_basket(world), **whom}}


def _package(world: World) -> dict[str, Any]:
    return {"name": "Oak box", "items": [{"product": world.shared["products"], "quantity": 2}]}


# What a call asks for, where asking for nothing is not enough to be let through.
BODIES: dict[str, Body] = {
    "PATCH /admin/users/{id}": {"role": "manager"},
    "POST /auth/login": _credentials,
    "POST /auth/logout": _refresh,
    "POST /auth/password/reset": {"email": "nobody@example.com"},
    "POST /auth/refresh": _refresh,
    "POST /auth/register": _PERSON,
    "POST /auth/resend-code": {"email": "nobody@example.com"},
    "POST /auth/reverify": {"password": PASSWORD},
    "POST /offers": {"name": "Spring", "percent": 5},
    "PUT /offers/{id}": {"name": "Spring", "percent": 5},
    "POST /coupons": {"code": "SPRING", "percent": 5},
    "PUT /coupons/{id}": {"code": "SPRING", "percent": 5},
    "POST /price-breaks": lambda world: {"product": world.shared["products"], "min_quantity": 200, "percent": 50},
    "POST /customizations": {"name": "Engraving", "schema": SCHEMA},
    "POST /customizations/preview": lambda world: {"product": world.shared["products"]},
    "PUT /customizations/{id}": {"name": "Engraving", "schema": SCHEMA},
    "POST /customizations/{id}/clone": {"name": "Engraving"},
    "POST /customizations/{id}/presets": {"name": "For Ada", "answers": {"colour": "red", "name": "Ada"}},
    "POST /cart/items": lambda world: {"product": world.shared["products"], "quantity": 1},
    "POST /orders": _basket,
    "POST /orders/drafts": _draft,
    "PUT /orders/drafts/{id}": _draft,
    "POST /orders/quote": lambda world: {"lines": _basket(world)["lines"]},
    "PUT /orders/{id}/status": {"status": "shipped"},
    "POST /orders/{id}/links": {"scope": "recipient"},
    "POST /orders/{id}/refund": {"amount": "1.00", "reason": "Broken"},
    "POST /orders/{id}/return": {"amount": "1.00", "reason": "Broken"},
    "POST /payments": lambda world: {"order": str(world.row("orders", "customer")), "method": "cash_on_delivery"},
    "POST /packages": _package,
    "PUT /packages/{id}": _package,
    **{
        call: {"name": "Oak & co"}
        for name in ("brands", "categories", "materials", "tags")
        for call in (f"POST /{name}", f"PUT /{name}/{{id}}")
    },
    "POST /products": _PRODUCT,
    "PUT /products/{id}": _PRODUCT,
    "POST /packages/{id}/reviews": {"rating": 5},
    "POST /products/{id}/reviews": {"rating": 5},
    "POST /users/addresses": ADDRESS,
    "PUT /users/addresses/{id}": ADDRESS,
    "POST /users/favorites": lambda world: {"product": world.shared["products"]},
    "POST /users/login": _credentials,
    "POST /users/register": _PERSON,
}


def headers_of(world: World) -> dict[str, dict[str, str]]:
    """What the calls of each carry."""
    people = {name: person.headers for name, person in world.people.items()}
    machines = {name: {"X-API-Key": key} for name, key in (("idle", IDLE_KEY), ("working", WORKING_KEY))}
    tokens = {**dead_tokens(), "owing": _token(make_owing())}
    return people | machines | {name: {"Authorization": f"Bearer {token}"} for name, token in tokens.items()}


def make_owing() -> User:
    """Somebody with an administrator's rights, whose role asks for a second factor that they have not shown."""
    role = Group.objects.create(name="guards")
    role.permissions.set(Group.objects.get(name="administrator").permissions.all())
    RolePolicy.objects.create(role=role, requires_mfa=True)
    user = make_user(is_staff=True)
    user.groups.add(role)
    return user


def own_rows(user: User, world: World) -> dict[str, Any]:
    """Keys of what somebody has beside what is in the world, by collection. They have shown their second factor."""
    add_passkey(user)
    social = SocialAccount.objects.create(user=user, provider="google", uid=str(user.pk))
    user.sessions.update(mfa_at=clock.now())
    user.avatar.save("picture.webp", ContentFile(b"picture"))
    return {
        "auth/mfa/passkeys": Authenticator.objects.get(user=user, type=Authenticator.Type.WEBAUTHN).pk,
        "users/social": social.pk,
        "users/favorites": world.shared["products"],
        "users/favorites/packages": world.shared["packages"],
        "users": user.pk,
    }


def _token(user: User, lifetime: timedelta | None = None) -> str:
    return issue_access(sessions.begin(user=user, device=Device()).session, lifetime=lifetime)


def dead_tokens() -> dict[str, str]:
    """A token of each state that opens nothing."""
    user, former = make_user(role="administrator"), make_user(role="administrator")
    tokens = {
        "deactivated": _token(former),
        "expired": _token(user, timedelta(seconds=-1)),
        "pending": mfa.challenge(user=user, method=SignInMethod.PASSWORD),
    }
    former.is_active = False
    former.save()
    return tokens
