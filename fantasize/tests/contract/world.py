"""A small shop in the tests' own database: somebody of every kind, and rows for them to call for."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import Session, User
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_address, make_user
from accounts.tokens import issue_access
from catalog.enums import MediaKind, MediaState, ReviewState
from catalog.models import Brand, Category, Material, Package, Product, ProductMedia, Review, Tag
from catalog.pricing import BreakTerms
from catalog.services import reviews, search
from catalog.services.coupons import NewCoupon, create_coupon, redeem
from catalog.services.materials import Share
from catalog.services.price_breaks import add_break
from catalog.tests.factories import make_offer, make_package, make_product
from customizations.caching import previews as kept_previews
from customizations.models import Proof, Upload
from customizations.services import presets
from customizations.services.previews import Picture
from customizations.tests.factories import make_schema, make_template
from fantasize.core import clock
from fantasize.tests.contract.beside_orders import keep_links, make_drafts
from orders.enums import PaymentMethod
from orders.models import Cart, CartLine, Order, OrderLine
from orders.services import customers
from orders.services.baskets import LineRequest
from orders.services.checkout import Gift, place_order
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
        return re.sub(r"\{\w+\}", str(self.row(collection_of(path), role) or 0), path)


def collection_of(path: str) -> str:
    """The collection that a path template is about: ``/api/v2/users/sessions/{id}`` is about ``users/sessions``."""
    return path.partition("/{")[0].removeprefix("/api/v2").strip("/")


def build_world(rows: int = 1) -> World:
    """``rows`` of everything; orders have as many lines, packages as many parts."""
    shared = [make_shared(number) for number in range(rows)]
    category, brand, product = shared[0]
    products = list(Product.objects.order_by("pk"))
    packages = [make_package(*products, category=category) for _ in range(rows)]
    package = packages[0]
    people = {name: make_person(role, rows, products) for name, role in ROLES.items()}
    customer = people["customer"].user
    assert customer is not None
    search.count_words()
    people["customer"].rows["users/reviews"] = make_reviews(people, product, packages)
    return World(
        {"anonymous": Person(None, {}, {}), **people},
        {
            "categories": category.pk,
            "brands": brand.pk,
            "materials": Material.objects.earliest("pk").pk,
            "tags": Tag.objects.earliest("pk").pk,
            "products/category": category.pk,
            "products": product.pk,
            "packages": package.pk,
            "media": make_media(*products, *packages, category),
            **make_discounts(packages),
            **make_templates(products, packages),
            "admin/users": customer.pk,
            "orders/drafts": make_drafts(rows, product),
            "payments/webhooks": "sandbox",
            "users/favorites": product.pk,
            "users/favorites/packages": package.pk,
        },
    )


def make_discounts(packages: list[Package]) -> dict[str, int]:
    """As many offers, coupons and price breaks as there are packages; none of them changes what a product costs.

    The price breaks are of a product of their own: what one can be depends on the others.
    """
    ids = [package.pk for package in packages]
    many = make_product(is_active=False)
    offers = [make_offer(percent="5", packages=ids) for _ in packages]
    rungs = [
        add_break(target=many, terms=BreakTerms(100 + number, Decimal(5 + number), None))
        for number, _ in enumerate(packages)
    ]
    codes = [
        create_coupon(new=NewCoupon(code=f"CODE{number}", percent=Decimal(5))) for number, _ in enumerate(packages)
    ]
    redeem(code="CODE0", customer="user:1", reference="1", items_total=Decimal(10), at=clock.now())
    return {"offers": offers[0].pk, "price-breaks": rungs[0].pk, "coupons": codes[0].pk}


def asking_nothing() -> dict[str, Any]:
    """A schema of which no option must be answered: no schema of orders says what a product's template asks."""
    schema = make_schema()
    return {**schema, "options": [{**option, "required": False} for option in schema["options"]]}


def make_templates(products: list[Product], packages: list[Package]) -> dict[str, int]:
    """As many templates as there are packages, each for a product and a package, with as many presets."""
    templates = [
        make_template(schema=asking_nothing(), products=[product.pk], packages=[package.pk])
        for product, package in zip(products, packages, strict=True)
    ]
    rows = [
        presets.add_preset(template=template, name=f"Preset {number}", answers={"colour": "red"})
        for template in templates
        for number, _ in enumerate(packages)
    ]
    return {"customizations": templates[0].pk, "customizations/presets": rows[0].pk}


def make_reviews(people: dict[str, Person], product: Product, packages: list[Package]) -> int:
    """Both customers may review the product and the packages, the customer has reviewed the packages.

    As many others have said something about the product and the first package. Returns the id of a review of the
    customer's.
    """
    ids = [package.pk for package in packages]
    customer, stranger = people["customer"].user, people["stranger"].user
    assert customer is not None
    assert stranger is not None
    for user in (customer, stranger):
        reviews.grant(user_id=user.pk, product_ids=[product.pk], package_ids=ids, reference="1001")
    own = [Review.objects.create(user=customer, package=package, rating=4) for package in packages]
    for number in range(len(packages)):
        other = User.objects.create(email=f"reviewer{number}@example.com", first_name="Rae")
        for thing in ({"product": product}, {"package": packages[0]}):
            Review.objects.create(user=other, rating=5, state=ReviewState.PUBLISHED, **thing)
    return own[0].pk


def make_shared(number: int) -> tuple[Category, Brand, Product]:
    """A category, a brand and a product of both."""
    category = Category.objects.create(name=f"Category {number}", slug=f"category-{number}")
    brand = Brand.objects.create(name=f"Brand {number}", slug=f"brand-{number}")
    return category, brand, make_product(stock=STOCK, category=category, brand=brand, **_made_of(number))


def _made_of(number: int) -> dict[str, Any]:
    """A material and a tag, as a new product takes them."""
    material = Material.objects.create(name=f"Material {number}", slug=f"material-{number}")
    tag = Tag.objects.create(name=f"Tag {number}", slug=f"tag-{number}")
    return {"materials": [Share(material.pk, Decimal(100))], "tags": [tag.pk]}


def make_media(*things: Product | Package | Category) -> int:
    """A picture of each thing, without its files. Returns the id of the first one."""
    copy = {"name": "thumb", "file": "catalogue/ab/thumb.webp", "width": 1, "height": 1}
    facts = {"content_type": "image/png", "size": 1, "sha256": "0", "width": 1, "height": 1, "renditions": [copy]}
    rows = [
        ProductMedia.objects.create(
            **{str(thing._meta.model_name): thing},
            kind=MediaKind.IMAGE,
            state=MediaState.READY,
            file=f"catalogue/ab/{number}.png",
            **facts,
        )
        for number, thing in enumerate(things)
    ]
    return rows[0].pk


def make_person(role: str, rows: int, products: list[Product]) -> Person:
    """Somebody with ``rows`` of everything of their own, orders of all ``products``; signed in for all of the tests."""
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
    keep_links(order, rows)
    token = issue_access(Session.objects.get(pk=session.pk), lifetime=timedelta(days=1))
    own = {"users/addresses": address.pk, "users/sessions": session.pk, "orders": order.pk, "users": user.pk}
    own |= {"payments": order.payments.create(amount=order.total, currency=order.currency).pk}
    own |= {"users/social": social.pk, "customizations/uploads": (picture := keep_picture(user)).pk}
    own["customizations/previews"] = keep_preview(picture)
    own |= {
        "orders/proofs": show_proof(user),
        "cart/items": fill_cart(user, *products, *Package.objects.order_by("pk")),
    }
    return Person(user, {"Authorization": f"Bearer {token}"}, own)


def fill_cart(user: User, *things: Product | Package) -> int:
    """As if they had put one of each into their cart when it cost nothing. Returns the id of the first line."""
    cart = Cart.objects.create(user=user, version=1)
    lines = [
        CartLine(
            cart=cart, **{str(thing._meta.model_name): thing}, name=thing.name, quantity=1, fingerprint=str(number)
        )
        for number, thing in enumerate(things)
    ]
    for line in lines:
        line.unit_price, line.currency = Decimal(0), "USD"
    return CartLine.objects.bulk_create(lines)[0].pk


def give_picture(user: User) -> None:
    """As if they had sent one."""
    user.avatar = default_storage.save("avatars/me.webp", ContentFile(PICTURE))
    user.save()


def keep_picture(user: User) -> Upload:
    """As if they had sent one to be made into something."""
    name = default_storage.save("uploads/ab/picture.png", ContentFile(PICTURE))
    facts = {"sha256": "0" * 64, "bytes": len(PICTURE), "format": "png", "width": 1, "height": 1}
    return Upload.objects.create(owner=user.actor, file=name, **facts)


def keep_preview(photo: Upload) -> str:
    """As if one with this photo had been drawn a moment ago; its name."""
    name, drawn = hashlib.sha256(photo.pk.bytes).hexdigest(), Picture(PICTURE, (), (photo.pk,), "webp")
    kept_previews.get_or_compute(name, names=(), ttl=300, compute=lambda: drawn)
    return name


def place(user: User, products: list[Product]) -> Order:
    """A gift with a line of each product, paid in cash."""
    lines = [LineRequest(product.pk, 1) for product in products]
    return place_order(
        customer=customers.of(user),
        lines=lines,
        payment_method=PaymentMethod.CASH_ON_DELIVERY,
        shipping_address=ADDRESS,
        gift=Gift(is_gift=True, gift_message="Enjoy!"),
    )


def show_proof(user: User) -> str:
    """As if all lines of their orders had been answered and drawn, and were of two parts. Returns the proof's hash."""
    sha256 = hashlib.sha256(str(user.pk).encode()).hexdigest()
    name = default_storage.save("proofs/ab/proof.png", ContentFile(PICTURE))
    Proof.objects.create(sha256=sha256, file=name, renderer_version="1", width=1, height=1)
    shown = {"key": "colour", "label": "Colour", "type": "button", "value": "red", "text": "Red"}
    cost = {"key": "colour", "label": "Colour", "mode": "fixed", "amount": "0.00", "is_once": False}
    thing = {"pieces": 1, "template": 0, "version": 1, "answers": {"colour": "red"}, "shown": [shown], "uploads": []}
    things = [{**thing, "part": None, "fonts": ["serif"], "proof": sha256, "renderer_version": "1"}]
    parts = [{"product": number, "name": "Gift", "sku": "GIFT", "quantity": 1} for number in (1, 2)]
    lines = OrderLine.objects.filter(order__user=user)
    lines.update(customizations=things, parts=parts, surcharges=[{"part": None, **cost}])
    return sha256
