"""What the catalogue refuses."""

from collections.abc import Mapping
from decimal import Decimal

from fantasize.core.errors import ConflictError


class OutOfStockError(ConflictError):
    """Not enough is available; ``extra["available"]`` says how much there is, by product id."""

    code = "out_of_stock"
    title = "Out of stock"

    def __init__(self, available: Mapping[int, int]) -> None:
        self.shortages = dict(available)
        super().__init__(
            "There is not enough in stock.", extra={"available": {str(key): value for key, value in available.items()}}
        )


class StockBelowHeldError(ConflictError):
    """A correction would leave fewer pieces than orders have reserved."""

    code = "stock_below_held"
    title = "Stock is reserved"


class CouponInvalidError(ConflictError):
    """There is no such code, or it does not run, or it is used up: nobody is told which."""

    code = "coupon_invalid"
    title = "Coupon cannot be used"


class CouponMinTotalError(ConflictError):
    """The items come to less than the coupon asks for; ``extra["min_total"]`` says how much that is."""

    code = "coupon_min_total"
    title = "The order is too small for the coupon"

    def __init__(self, min_total: Decimal, currency: str) -> None:
        super().__init__(
            f"This coupon is for orders from {min_total} {currency}.",
            extra={"min_total": str(min_total), "currency": currency},
        )
