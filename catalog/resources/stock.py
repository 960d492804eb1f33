"""Stock as spreadsheet rows: corrections come in, levels go out."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export.fields import Field
from import_export.widgets import Widget

from catalog.enums import MovementReason
from catalog.models import StockItem
from catalog.resources.columns import MOST_PIECES
from catalog.services import stock
from catalog.services.stock import Correction
from fantasize.core.models import RowOutcome
from fantasize.core.transfers.changes import GONE, Change, Checked, Faults, Undone
from fantasize.core.transfers.resources import TransferResource
from fantasize.core.transfers.widgets import IntegerWidget, TextWidget

REASONS = (MovementReason.CORRECTION, MovementReason.RESTOCK, MovementReason.RETURN)
TOO_FEW = "Fewer pieces would be left than open orders have reserved."
_LONGEST_NOTE = 80


class ReasonWidget(Widget):
    """Why a level changes; an empty cell is a correction."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        """The reason."""
        text = value.strip() or MovementReason.CORRECTION.value
        if text not in REASONS:
            raise ValidationError(f"A reason is one of {', '.join(REASONS)}.")
        return str(text)


class StockResource(TransferResource):
    """One row per product, known by its SKU. ``delta`` says by how many pieces its stock changes.

    The levels are only exported: a level in a file that is an hour old would overwrite what was sold since.
    """

    import_verbs = ("change",)

    sku = Field(attribute="product__sku", column_name="sku", widget=TextWidget())
    name = Field(attribute="product__name", column_name="name", widget=TextWidget(), readonly=True)
    delta = Field(attribute=None, column_name="delta", widget=IntegerWidget())
    reason = Field(attribute=None, column_name="reason", widget=ReasonWidget())
    note = Field(attribute=None, column_name="note", widget=TextWidget())
    on_hand = Field(attribute="on_hand", column_name="on_hand", widget=IntegerWidget(), readonly=True)
    held = Field(attribute="held", column_name="held", widget=IntegerWidget(), readonly=True)
    available = Field(attribute="available", column_name="available", widget=IntegerWidget(), readonly=True)

    class Meta:
        model = StockItem
        fields: ClassVar = ("sku", "name", "delta", "reason", "note", "on_hand", "held", "available")
        export_order = fields

    def rows(self) -> QuerySet[StockItem]:
        """The stock of every product."""
        return StockItem.objects.filter(product__isnull=False).select_related("product")

    def faults_of(self, values: Mapping[str, Any], instance: StockItem | None) -> Faults:
        """A change that is too big, or leaves fewer pieces than orders have reserved; a note that is too long."""
        delta, faults = values.get("delta") or 0, {}
        if instance is None:
            faults[self.key] = "There is no product with this SKU."
        if abs(delta) > MOST_PIECES:
            faults["delta"] = f"At most {MOST_PIECES:,} pieces at once."
        elif instance is not None and delta < 0 and instance.on_hand + delta < instance.held:
            faults["delta"] = TOO_FEW
        if len(values.get("note") or "") > _LONGEST_NOTE:
            faults["note"] = f"A note has at most {_LONGEST_NOTE} characters."
        return faults

    def judge(self, number: int, key: str, values: Mapping[str, Any], instance: StockItem) -> Checked:
        """What a row without faults would do: nothing, if it says no number of pieces."""
        delta = values.get("delta") or 0
        if not delta:
            return Checked(number, RowOutcome.UNCHANGED, key)
        said = self.render({name: values[name] for name in ("reason", "note") if name in values})
        before = {"on_hand": str(instance.on_hand)}
        after = {"on_hand": str(instance.on_hand + delta), "delta": f"{delta:+d}", **said}
        return Checked(number, RowOutcome.CHANGED, key, before, after)

    def apply(self, rows: Sequence[Any], *, actor: str, reference: str) -> list[Change]:
        """Book the corrections; where a level has changed since the check, its change is added to."""
        found = self.by_key(row.key for row in rows)
        changes = [Change(row.number, found.get(row.key), row.after, row.key) for row in rows]
        corrections = {
            change.instance.pk: Correction(
                int(change.values["delta"]),
                MovementReason(change.values.get("reason", MovementReason.CORRECTION)),
                change.values.get("note") or reference,
            )
            for change in changes
            if change.instance
        }
        _book(changes, corrections, actor)
        return changes

    def undo(self, rows: Sequence[Any], *, actor: str, reference: str) -> list[Undone]:
        """Book the opposite of each correction."""
        found = self.by_key(row.key for row in rows)
        changes = [Change(row.number, found.get(row.key), row.after, row.key) for row in rows]
        corrections = {
            change.instance.pk: Correction(-int(change.values["delta"]), MovementReason.CORRECTION, reference)
            for change in changes
            if change.instance
        }
        _book(changes, corrections, actor)
        return [
            Undone(each.number, RowOutcome.REFUSED if each.fault else RowOutcome.CHANGED, each.fault)
            for each in changes
        ]


def _book(changes: Sequence[Change], corrections: Mapping[int, Correction], actor: str) -> None:
    """Book what can be booked; the others are told why not."""
    corrected = stock.correct_all(corrections, actor=actor) if corrections else ()
    for change in changes:
        if change.instance is None:
            change.fault = GONE
        elif change.instance.pk not in corrected:
            change.fault = TOO_FEW
