"""The stock part of a product's page: levels, ledger, and the forms that correct them and set the mark."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.enums import MovementReason
from catalog.models import Product
from catalog.resources import MOST_PIECES
from catalog.services import stock
from fantasize.core.admin.actors import names_of

_REASONS = (MovementReason.CORRECTION, MovementReason.RESTOCK, MovementReason.RETURN)
_LEDGER_ROWS = 10


class StockCorrectionForm(forms.Form):
    """By how many pieces the level changes, and why."""

    delta = forms.IntegerField(
        label="Change",
        min_value=-MOST_PIECES,
        max_value=MOST_PIECES,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"placeholder": "+10 or -3"}),
    )
    reason = forms.ChoiceField(
        choices=[(reason.value, reason.label) for reason in _REASONS], widget=UnfoldAdminSelectWidget()
    )
    note = forms.CharField(max_length=80, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "What happened?"}))

    def clean_delta(self) -> int:
        """Refuse a change by nothing."""
        delta: int = self.cleaned_data["delta"]
        if delta == 0:
            raise forms.ValidationError("Say by how many pieces it changes.")
        return delta


class LowMarkForm(forms.Form):
    """From how many available pieces on staff are told."""

    low_stock_at = forms.IntegerField(
        label="Running low at", min_value=0, max_value=MOST_PIECES, widget=UnfoldAdminIntegerFieldWidget()
    )


def stock_card(product: Product) -> dict[str, Any]:
    """The card's context: levels, the newest movements with their actors' names, the forms. Two queries."""
    movements = list(product.stock.movements.order_by("-at", "-pk")[:_LEDGER_ROWS])
    names = names_of(movement.actor for movement in movements)
    return {
        "stock": product.stock,
        "movements": [(movement, names[movement.actor]) for movement in movements],
        "stock_form": StockCorrectionForm(),
        "low_mark_form": LowMarkForm(initial={"low_stock_at": product.stock.low_stock_at}),
    }


def correct(product: Product, form: StockCorrectionForm, *, actor: str) -> None:
    """Book what a valid form says.

    Raises:
        StockBelowHeldError: fewer pieces would be left than orders have reserved.
    """
    said = form.cleaned_data
    stock.correct(
        product.stock_id,
        delta=said["delta"],
        reason=MovementReason(said["reason"]),
        reference=said["note"],
        actor=actor,
    )
