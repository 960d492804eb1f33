"""Reads of the stock of choices."""

from collections.abc import Collection

from catalog.enums import StockStatus
from customizations.models import ChoiceStock, CustomizationTemplate


def labels_of(row: ChoiceStock) -> tuple[str, str]:
    """The choice and its option as the template calls them now; by their short names, if they are gone."""
    return _labels(row) or (row.value, f"{row.option}, no longer offered")


def scarce_choices(stock_item_ids: Collection[int]) -> list[ChoiceStock]:
    """The choices of these stock items that shoppers are offered and that are scarce, the scarcest first. One query."""
    offered = CustomizationTemplate.objects.published()
    rows = ChoiceStock.objects.filter(stock__in=stock_item_ids, template__in=offered)
    found = [row for row in rows.select_related("stock", "template") if _is_scarce(row) and _labels(row)]
    return sorted(found, key=lambda row: (row.stock.available, row.template.name, row.pk))


def _is_scarce(row: ChoiceStock) -> bool:
    return row.stock.status is not StockStatus.IN_STOCK


def _labels(row: ChoiceStock) -> tuple[str, str] | None:
    for option in row.template.schema["options"]:
        for choice in option.get("choices", ()) if option["key"] == row.option else ():
            if choice["value"] == row.value:
                return choice["label"], option["label"]
    return None
