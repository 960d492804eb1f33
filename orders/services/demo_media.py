"""Hangs up the pictures of the demonstration shop, in the background: drawing them all takes a minute."""

from collections.abc import Iterator

from procrastinate.contrib.django import app as queue

from catalog.models import Package, Product
from catalog.services import media
from orders.services import demo_words

HANG_TASK = "orders.tasks.hang_demo_pictures"
ACTOR = "demo"


def hang_later() -> None:
    """Have the worker draw what has no picture yet, once the caller's transaction is committed."""
    queue.configure_task(HANG_TASK).defer()


def hang() -> int:
    """Draw and hang what has no picture yet, one after the other; cut off and begun again, it goes on. How many."""
    count = 0
    for thing, picture in _missing():
        media.add_image(target=thing, content=picture, alt=thing.name, actor=ACTOR)
        count += 1
    return count


def _missing() -> Iterator[tuple[Product | Package, bytes]]:
    from orders.services import demo_pictures  # noqa: PLC0415 - loaded where they are drawn: once in a shop's life

    known = demo_pictures.names()
    # The newest first: they are on the first pages.
    for product in Product.objects.filter(name__in=known, media=None).order_by("-created_at", "-pk"):
        yield product, demo_pictures.draw(product.name)
    parts = {bundle.name: list(bundle.parts) for bundle in demo_words.PACKAGES}
    for package in Package.objects.filter(name__in=parts, media=None).order_by("pk"):
        yield package, demo_pictures.draw_together(package.name, parts[package.name])
