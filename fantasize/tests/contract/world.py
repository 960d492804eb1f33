"""A small shop in the tests' own database: somebody of every kind, and rows for them to call for."""

import base64
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import Session, User
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_address, make_user
from accounts.tokens import issue_access
from catalog.models import Brand, Category, Product
from catalog.tests.factories import make_product
from orders.enums import PaymentMethod
from orders.models import Order
from orders.services.checkout import LineRequest, place_order
from orders.tests.factories import ADDRESS

# Who there is, and the role they have; ``stranger`` is another customer.
ROLES = {"customer": "customer", "stranger": "customer", "manager": "manager", "administrator": "administrator"}
STOCK = 1_000_000
# One white pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEANl9ngAAAAABJRU5ErkJggg=="
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, an address and an order.

    Attributes:
        headers: what their calls carry.
        rows: one of their own rows by collection.
    """

    user: User | None
    headers: dict[str, str]
    rows: dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """Who there is, and what is for everybody."""

    people: dict[str, Person]
    shared: dict[str, Any]

    def user(self, role: str) -> User:
        """Who has ``role``."""
        user = self.people[role].user
        assert user is not None
        return user

    def row(self, collection: str, role: str) -> Any:
        """The id of a row of ``collection`` that ``role`` may see, if they may see any."""
        return {**self.shared, **self.people[role].rows}.get(collection)

    def path(self, path: str, role: str) -> str:
        """The path template with such an id; one that nobody has, where there is none."""
        return path.replace("{id}", str(self.row(collection_of(path), role) or 0))


def collection_of(path: str) -> str:
    """The collection that a path template is about: ``/api/v2/users/sessions/{id}`` is about ``users/sessions``."""
    return path.partition("/{")[0].removeprefix("/api/v2").strip("/")


def build_world(rows: int = 1) -> World:
    """``rows`` of everything; orders have as many lines."""
    shared = [make_shared(number) for number in range(rows)]
    category, brand, product = shared[0]
    products = list(Product.objects.order_by("pk"))
    people = {name: make_person(role, rows, products) for name, role in ROLES.items()}
    customer = people["customer"].user
    assert customer is not None
    return World(
        {"anonymous": Person(None, {}, {}), **people},
        {
            "categories": category.pk,
            "brands": brand.pk,
            "products": product.pk,
            "admin/users": customer.pk,
            "users/favorites": product.pk,
        },
    )


def make_shared(number: int) -> tuple[Category, Brand, Product]:
    """A category, a brand and a product of both."""
    category = Category.objects.create(name=f"Category {number}", slug=f"category-{number}")
    brand = Brand.objects.create(name=f"Brand {number}", slug=f"brand-{number}")
    return category, brand, make_product(stock=STOCK, category=category, brand=brand)


def make_person(role: str, rows: int, products: list[Product]) -> Person:
    """Somebody with ``rows`` sessions, addresses, linked identities and orders of all ``products``."""
    user = make_user(role=role)
    owned = [
        (
            sessions.begin(user=user, device=Device()).session,
            make_address(user, is_default_shipping=number == 0),
            place(user, products),
            SocialAccount.objects.create(user=user, provider="google", uid=f"{user.pk}-{number}"),
        )
        for number in range(rows)
    ]
    session, address, order, social = owned[0]
    headers = {"Authorization": f"Bearer {issue_access(Session.objects.get(pk=session.pk))}"}
    own = {"users/addresses": address.pk, "users/sessions": session.pk, "orders": order.pk, "users": user.pk}
    return Person(user, headers, {**own, "users/social": social.pk})


def give_picture(user: User) -> None:
    """As if they had sent one."""
    user.avatar = default_storage.save("avatars/me.webp", ContentFile(PICTURE))
    user.save()


def place(user: User, products: list[Product]) -> Order:
    """An order with a line of each product, paid in cash."""
    lines = [LineRequest(product.pk, 1) for product in products]
    return place_order(user=user, lines=lines, payment_method=PaymentMethod.CASH_ON_DELIVERY, shipping_address=ADDRESS)
