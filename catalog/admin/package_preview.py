"""What a package would cost and how often it could be sold, while somebody is still putting it together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from catalog.enums import StockStatus
from catalog.models import Package, Product
from catalog.services.packages import MAX_PARTS, MAX_PIECES, Part, list_price_of
from fantasize.core.admin.display import amount

_LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Preview:
    """A package as it would be.

    Attributes:
        pieces: how many of which product.
        own_price, percent_off: its price, or what is taken off the parts'.
    """

    pieces: Sequence[tuple[Product, int]]
    own_price: Decimal | None
    percent_off: Decimal | None

    @property
    def facts(self) -> dict[int, str]:
        """What is said of each part, by its product's id."""
        return {product.pk: facts_of(product) for product, _ in self.pieces}

    @cached_property
    def parts_total(self) -> Decimal:
        """What the parts cost singly."""
        return sum((product.list_price * quantity for product, quantity in self.pieces), Decimal(0))

    @cached_property
    def list_price(self) -> Decimal:
        """What it would cost."""
        return list_price_of(self.parts_total, own_price=self.own_price, percent_off=self.percent_off)

    @property
    def amounts(self) -> dict[str, str]:
        """What it costs beside its parts, for people."""
        saving = max(self.parts_total - self.list_price, Decimal(0))
        named = {"Parts singly": self.parts_total, "Price": self.list_price, "Saving": saving}
        return {name: amount(value, settings.SHOP_CURRENCY) for name, value in named.items()}

    @property
    def is_dearer(self) -> bool:
        """Whether it costs more than its parts singly."""
        return self.list_price > self.parts_total

    @property
    def hidden(self) -> list[Product]:
        """Parts that are not in the shop, and keep it from being sold."""
        return [product for product, _ in self.pieces if not product.is_active]

    @property
    def available(self) -> int:
        """How often it can be sold."""
        times = (product.available // quantity if product.is_active else 0 for product, quantity in self.pieces)
        return min(times, default=0)

    @property
    def status(self) -> StockStatus:
        """What shoppers would be told."""
        if self.available <= 0:
            return StockStatus.OUT_OF_STOCK
        marks = [
            product.stock.low_stock_at // quantity
            for product, quantity in self.pieces
            if product.available // quantity == self.available
        ]
        return StockStatus.RUNNING_LOW if self.available <= max(marks) else StockStatus.IN_STOCK


def facts_of(product: Product) -> str:
    """What one piece costs, and how many there are."""
    pieces = f"{product.available:,} available" if product.is_active else "not in the shop"
    return f"{amount(product.list_price, settings.SHOP_CURRENCY)}, {pieces}"


def preview_of(package: Package) -> Preview:
    """The package as it is. Two queries."""
    items = package.items.select_related("product__stock").order_by("position", "pk")
    return Preview([(item.product, item.quantity) for item in items], package.own_price, package.percent_off)


def read(request: HttpRequest) -> Preview:
    """What the query describes: ``part=<product>:<pieces>`` for each part, ``own_price``, ``percent_off``.

    What is unfinished or cannot be is left out: the form says so when it is saved.
    """
    wanted = [part for text in request.GET.getlist("part")[:MAX_PARTS] if (part := _part_in(text))]
    rows: Mapping[int, Product] = Product.objects.select_related("stock").in_bulk({part.product for part in wanted})
    pieces = [(rows[part.product], part.quantity) for part in wanted if part.product in rows]
    own_price = _number_in(request.GET.get("own_price", ""), Decimal(10) ** 11)
    return Preview(pieces, own_price, _number_in(request.GET.get("percent_off", ""), Decimal(100)))


def _part_in(text: str) -> Part | None:
    product, _, quantity = text.partition(":")
    numbers = [int(number) for number in (product, quantity) if number.isdecimal() and len(number) <= _LONGEST_NUMBER]
    return Part(*numbers) if len(numbers) == 2 and 1 <= numbers[1] <= MAX_PIECES else None  # noqa: PLR2004 - a pair


def _number_in(text: str, highest: Decimal) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= highest else None
