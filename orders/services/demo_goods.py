"""What stands on the demonstration shop's shelves: products, packages, what makes them cheaper, and what buyers say."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.text import slugify

from catalog.models import Brand, Category, Material, Package, Product, ReviewGrant, Tag
from catalog.pricing import BreakTerms
from catalog.services import coupons, materials, offers, packages, price_breaks, products, reviews
from catalog.services.coupons import NewCoupon
from catalog.services.materials import Share
from catalog.services.offers import NewOffer
from catalog.services.packages import NewPackage, Part
from catalog.services.products import NewProduct
from fantasize.core import clock
from orders.services import demo_words
from orders.services.demo_catalogue import gifts_by_category

ACTOR = "demo"
_OPEN_FOR_DAYS = 60
# Of the reviews, so many in a hundred are in the shop already; the others wait for staff.
_PUBLISHED = 85


def fill_shelves() -> list[Product]:
    """Every gift, with its category, brand, materials and tags, and the packages; the shop opened two months ago."""
    opened = clock.now() - timedelta(days=_OPEN_FOR_DAYS)
    created: dict[str, Product] = {}
    for category, gifts in gifts_by_category().items():
        place = Category.objects.create(name=category, slug=slugify(category), position=Category.objects.count())
        for gift in gifts:
            new = NewProduct(
                name=gift.name,
                list_price=gift.price,
                description=f"<p>{gift.description}</p>",
                category=place,
                brand=_brand(gift.brand),
            )
            with clock.frozen_at(opened + timedelta(hours=7 * len(created))):
                created[gift.name] = products.create_product(new=new, on_hand=gift.on_hand, actor=ACTOR)
    _describe(created)
    _bundle(created)
    return list(created.values())


def make_cheaper(goods: Sequence[Product]) -> None:
    """Offers that run, have been and will come; price breaks; coupons."""
    now, by_name = clock.now(), {product.name: product for product in goods}
    category = {name: [pk] for name, pk in Category.objects.values_list("name", "pk")}
    package = {name: [pk] for name, pk in Package.objects.values_list("name", "pk")}
    for new in (
        _offer("Warm evenings", now, 12, 9, percent=15, categories=category["Home & cushions"]),
        _offer("Paper week", now, 3, 4, percent=10, categories=category["Stationery"]),
        _offer("A toast to copper", now, 20, 25, amount=8, products=[by_name["Engraved Hip Flask"].pk]),
        _offer("Bon voyage", now, 5, 30, percent=5, packages=package["Away We Go"]),
        _offer("Summer's end", now, 50, -20, percent=20, categories=category["Pets & garden"]),
        _offer("First snow", now, -8, 24, percent=12, categories=category["Baby & children"]),
    ):
        offers.create_offer(new=new)
    for name, steps in demo_words.PRICE_BREAKS.items():
        terms = [BreakTerms(quantity, Decimal(percent), None) for quantity, percent in steps]
        price_breaks.set_breaks(target=by_name[name], breaks=terms)
    coupons.create_coupon(new=NewCoupon(code="WELCOME10", percent=Decimal(10), max_uses_per_customer=1))
    coupons.create_coupon(new=NewCoupon(code="THANKYOU5", amount=Decimal(5), min_total=Decimal(40), max_uses=100))


def let_buyers_speak(moderator: str, dice: random.Random) -> None:
    """Reviews by most of those who have received something, a few days later; most are published."""
    for grant in ReviewGrant.objects.select_related("product").order_by("pk"):
        rating, words = dice.choice(demo_words.REVIEWS)
        if grant.product is None or dice.random() > 0.8:  # noqa: PLR2004 - one in five says nothing
            continue
        moment = min(grant.created_at + timedelta(days=dice.uniform(0.5, 4)), clock.now())
        with clock.frozen_at(moment):
            review = reviews.write_review(user_id=grant.user_id, target=grant.product, rating=rating, text=words)
            if dice.randrange(100) < _PUBLISHED:
                reviews.publish_review(review_id=review.pk, actor=moderator)


def _describe(created: Mapping[str, Product]) -> None:
    """What things are made of, and what they are for."""
    names = sorted({name for shares in demo_words.MATERIALS.values() for name in shares})
    known = {
        name: Material.objects.create(name=name, slug=slugify(name), position=place) for place, name in enumerate(names)
    }
    for product in created.values():
        shares = demo_words.MATERIALS[product.brand.name if product.brand else ""]
        materials.replace(product, [Share(known[name].pk, Decimal(percent)) for name, percent in shares.items()])
    for place, (name, gifts) in enumerate(demo_words.TAGS.items()):
        tag = Tag.objects.create(name=name, slug=slugify(name), position=place)
        tag.products.set(created[gift] for gift in gifts)
    products.after_change([product.pk for product in created.values()])


def _bundle(created: Mapping[str, Product]) -> None:
    categories = {category.name: category for category in Category.objects.all()}
    for bundle in demo_words.PACKAGES:
        new = NewPackage(
            name=bundle.name,
            own_price=bundle.price,
            percent_off=bundle.percent_off,
            description=f"<p>{bundle.description}</p>",
            category=categories[bundle.category],
        )
        items = [Part(created[name].pk, quantity) for name, quantity in bundle.parts.items()]
        packages.create_package(new=new, items=items, actor=ACTOR)


def _brand(name: str) -> Brand:
    brand, _ = Brand.objects.get_or_create(
        name=name, defaults={"slug": slugify(name), "position": Brand.objects.count()}
    )
    return brand


def _offer(
    name: str,
    now: datetime,
    begun_days_ago: int,
    ends_in_days: int,
    *,
    percent: int = 0,
    amount: int = 0,
    **targets: list[int],
) -> NewOffer:
    return NewOffer(
        name=name,
        percent=Decimal(percent) if percent else None,
        amount=Decimal(amount) if amount else None,
        starts_at=now - timedelta(days=begun_days_ago),
        ends_at=now + timedelta(days=ends_in_days),
        products=targets.get("products", ()),
        packages=targets.get("packages", ()),
        categories=targets.get("categories", ()),
    )
