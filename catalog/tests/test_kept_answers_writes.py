"""Whatever staff write, by whichever door: the answers that show it are not served any more."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from catalog.enums import MovementReason
from catalog.models import Brand, Category, Material, Product, Tag
from catalog.pricing import BreakTerms
from catalog.services import (
    bulk_packages,
    media,
    offers,
    packages,
    price_breaks,
    products,
    renditions,
    reviews,
    stock,
    taxonomy,
)
from catalog.services import search as search_service
from catalog.tests.factories import make_offer, make_package, make_product
from catalog.tests.kept import HIT, state
from catalog.tests.media import add_image
from catalog.tests.reviews import STAFF, make_buyer, make_review

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_files")]
Write = Callable[[], Any]


def _of_places(shop: SimpleNamespace) -> Iterator[tuple[str, str, Write]]:
    path, category = "/api/v2/categories", shop.category
    yield "a category", path, lambda: taxonomy.create_category(values={"name": "Garden"})
    yield "its name", path, lambda: taxonomy.update_category(category=category, changes={"name": "House"})
    yield "its name in products", shop.path, lambda: taxonomy.update_category(category=category, changes={"name": "In"})
    yield "their order", path, lambda: taxonomy.arrange(Category, [shop.spare.pk, category.pk])
    yield "its picture", path, lambda: add_image(category)
    yield "one less", path, lambda: taxonomy.remove_category(category=shop.spare)


def _of_labels(shop: SimpleNamespace) -> Iterator[tuple[str, str, Write]]:
    for path, label in (("brands", shop.brand), ("materials", shop.oak), ("tags", shop.tag)):
        yield from ((f"{path}: {what}", f"/api/v2/{path}", write) for what, write in _of(label))


def _of(label: Any) -> Iterator[tuple[str, Write]]:
    model = type(label)
    made = taxonomy.create_label(model=model, values={"name": "Made"})
    yield "a new one", lambda: taxonomy.create_label(model=model, values={"name": "New"})
    yield "another name", lambda: taxonomy.update_label(label=label, changes={"name": "B"})
    yield "their order", lambda: taxonomy.arrange(model, [made.pk, label.pk])
    yield "one less", lambda: taxonomy.remove_label(label=made)


def _of_prices(shop: SimpleNamespace) -> Iterator[tuple[str, str, Write]]:
    product, terms = shop.product, BreakTerms(10, Decimal(5), None)
    offer, other = make_offer(percent="5", products=[product.pk]), make_offer(percent="3", products=[product.pk])
    row = price_breaks.add_break(target=product, terms=BreakTerms(50, Decimal(20), None))
    yield "an offer", shop.path, lambda: make_offer(percent="10", products=[product.pk])
    yield "its end", shop.path, lambda: offers.update_offer(offer=offer, changes={"is_active": False})
    yield "offers, one less", "/api/v2/offers", lambda: offers.remove_offer(offer=other)
    yield "a break", shop.path, lambda: price_breaks.add_break(target=product, terms=terms)
    yield "other terms", shop.path, lambda: price_breaks.update_break(price_break=row, changes={"percent": Decimal(30)})
    yield "no break", shop.path, lambda: price_breaks.remove_break(price_break=row)
    yield "all breaks", shop.path, lambda: price_breaks.set_breaks(target=product, breaks=[terms])


def _of_goods(shop: SimpleNamespace) -> Iterator[tuple[str, str, Write]]:
    product, package, box = shop.product, shop.package, f"/api/v2/packages/{shop.package.pk}"
    hidden = make_product(stock=0)
    correction = {"reason": MovementReason.CORRECTION, "reference": "count", "actor": STAFF}
    yield "a product", "/api/v2/products", make_product
    yield "a part's price", box, lambda: products.update_product(product=product, changes={"list_price": Decimal(99)})
    yield "products, one less", "/api/v2/products", lambda: products.remove_product(product=hidden)
    yield "a package", "/api/v2/packages", lambda: packages.update_package(package=package, changes={"name": "Set"})
    yield "pieces", shop.path, lambda: stock.correct(product.stock_id, delta=2, **correction)  # type: ignore[arg-type] # mypy reads one type for all
    yield "pieces of a part", box, lambda: stock.correct(product.stock_id, delta=2, **correction)  # type: ignore[arg-type] # as above
    yield "the mark", shop.path, lambda: stock.set_low_mark(product.stock_id, low_stock_at=500)
    row = bulk_packages.PackageRow(package, {"percent_off": Decimal(5)})
    yield "packages from a file", box, lambda: transaction.atomic(bulk_packages.update)([row], actor=STAFF)
    yield "packages, one less", "/api/v2/packages", lambda: packages.remove_package(package=package)


def _of_what_hangs_on_it(shop: SimpleNamespace) -> Iterator[tuple[str, str, Write]]:
    product, path = shop.product, f"/api/v2/products/{shop.product.pk}/reviews"
    said, shown = make_review(product, state="pending"), make_review(product)
    picture, film = add_image(product), add_image(product, is_ready=False)
    yield "a review", path, lambda: reviews.publish_review(review_id=said.pk, actor=STAFF)
    yield "its stars", shop.path, lambda: reviews.reject_review(review_id=said.pk, actor=STAFF)
    yield "a review less", path, lambda: reviews.withdraw_review(review_id=shown.pk, user_id=shown.user_id)
    yield "a picture", shop.path, lambda: renditions.prepare(media_id=film.pk)
    yield "what it shows", shop.path, lambda: media.set_alt(media=picture, alt="A lantern")
    yield "their order", shop.path, lambda: media.reorder(target=product, ids=[film.pk, picture.pk])
    yield "a picture less", shop.path, lambda: media.remove(media=picture, actor=STAFF)
    yield "synonyms", "/api/v2/search?q=lantern", search_service.forget_synonyms


@pytest.mark.parametrize("writes", [_of_places, _of_labels, _of_prices, _of_goods, _of_what_hangs_on_it])
def test_what_is_written_is_seen_by_the_next_call(writes: Callable[[SimpleNamespace], Any]) -> None:
    category, spare = (taxonomy.create_category(values={"name": name}) for name in ("Home", "Spare"))
    brand, oak, tag = (taxonomy.create_label(model=model, values={"name": "A"}) for model in (Brand, Material, Tag))
    product = make_product(name="Oak lantern", category=category, brand=brand, tags=[tag.pk])
    package = make_package(product, percent_off=Decimal(5))
    shop = SimpleNamespace(
        category=category, spare=spare, brand=brand, oak=oak, tag=tag, product=product, package=package,
        path=f"/api/v2/products/{product.pk}",
    )  # fmt: skip
    for what, path, write in writes(shop):
        state(path)
        assert state(path) == HIT, f"{what}: nothing is kept"
        write()
        assert state(path) != HIT, f"{what}: what was before is still served"


def test_what_waits_for_moderation_disturbs_nobody() -> None:
    product = make_product()
    path = f"/api/v2/products/{product.pk}/reviews"
    buyer = make_buyer(product)
    state(path)
    reviews.write_review(user_id=buyer.pk, target=product, rating=1, text="Broken.")
    assert state(path) == HIT
    assert Product.objects.get(pk=product.pk).rating_count == 0
