"""Things with options, and orders of them."""

import hashlib
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Package, Product
from catalog.tests.factories import make_package, make_product
from customizations.models import Upload
from customizations.tests.factories import COLOUR, NAME, make_schema, make_template
from orders.enums import PaymentMethod
from orders.models import Order, OrderLine
from orders.services import customers
from orders.services.baskets import LineRequest
from orders.services.checkout import place_order
from orders.tests.factories import ADDRESS

# Small, for it is drawn.
SMALL = {"width": 160, "height": 120, "background": "#f5f0e6"}
PLACED = {"x": 10, "y": 20, "width": 140, "height": 60, "font": "serif", "color": "#222222"}
PHOTO = {
    "key": "photo",
    "type": "image",
    "label": "Your photo",
    "min_width": 4,
    "min_height": 4,
    "placement": {"x": 100, "y": 80, "width": 40, "height": 30},
}


def place(
    user: User, *lines: LineRequest, method: PaymentMethod = PaymentMethod.CASH_ON_DELIVERY, **more: Any
) -> Order:
    """An order of these lines."""
    return place_order(
        customer=customers.of(user), lines=lines, payment_method=method, shipping_address=ADDRESS, **more
    )


def small_schema(*more: dict[str, Any]) -> dict[str, Any]:
    """A colour, a name that is engraved, and ``more``, on a small canvas."""
    colour = {**COLOUR, "tint": {"x": 0, "y": 0, "width": 40, "height": 40}}
    return make_schema(options=[colour, {**NAME, "placement": PLACED}, *more], canvas=SMALL)


def make_customizable(*more: dict[str, Any], **fields: Any) -> Product:
    """A product with the options of ``small_schema``."""
    product = make_product(**fields)
    make_template(schema=small_schema(*more), products=[product.pk])
    return product


def make_customizable_package(*parts: tuple[Product, int], **fields: Any) -> Package:
    """A package with a gift card of its own, of these parts."""
    package = make_package(*parts, **fields)
    card = {"key": "card", "type": "message", "label": "Card", "max_length": 80, "max_lines": 3}
    price = {"mode": "per_line", "amount": "1.50"}
    make_template(schema={"options": [{**card, "price": price}], "canvas": None}, packages=[package.pk])
    return package


def send_picture(user: User, *, colour: str = "#336699") -> Upload:
    """A picture of the user's own, with its file."""
    return make_picture(user.actor, colour=colour)


def make_picture(owner: str, *, colour: str = "#336699") -> Upload:
    """A picture of somebody's, who may be a guest, with its file."""
    content = BytesIO()
    Image.new("RGB", (8, 6), colour).save(content, "PNG")
    png = content.getvalue()
    sha256 = hashlib.sha256(png).hexdigest()
    name = default_storage.save(f"uploads/ab/{sha256}.png", ContentFile(png))
    facts = {"sha256": sha256, "bytes": len(png), "format": "png", "width": 8, "height": 6}
    return Upload.objects.create(owner=owner, file=name, **facts)


def sell_everything(count: int) -> list[OrderLine]:
    """``count`` orders with a line of a product and one of a package each, with all kinds of answers."""
    user = make_user()
    mug, board = (make_customizable(PHOTO, price="9.99", stock=900) for _ in range(2))
    package = make_customizable_package((mug, 2), (board, 1))
    for number in range(count):
        own = {"colour": "gold" if number in {0, 2} else "red", "name": f"Ada {number} أحمد"}
        photo = {"photo": str(send_picture(user).pk)} if number % 2 else {}
        parts = {mug.pk: own, board.pk: own}
        place(
            user,
            LineRequest((mug, board)[number % 2].pk, number % 3 + 1, answers={**own, **photo}),
            LineRequest(package_id=package.pk, answers={"card": f"Hello\n{number}"}, parts=parts),
        )
    return list(OrderLine.objects.select_related("order").order_by("pk"))


def facts(lines: Iterable[OrderLine]) -> list[dict[str, Any]]:
    """All that lines say; not what they point to, which may be gone."""
    names = {field.attname for field in OrderLine._meta.concrete_fields} - {"product_id", "package_id"}
    return [{name: getattr(line, name) for name in names} for line in lines]
