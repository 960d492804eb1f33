"""The courier takes the money: there is nobody to call, only books to keep."""

from typing import ClassVar


class CashOnDelivery:
    """Cash, recorded when the parcel is delivered and when it is handed back."""

    name: ClassVar[str] = "cash_on_delivery"
    is_hosted: ClassVar[bool] = False
