"""What the catalogue refuses."""

from collections.abc import Mapping

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
