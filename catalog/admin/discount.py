"""What the pages of offers and coupons have in common."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter

from catalog.enums import DiscountState
from catalog.models.offer import Discount
from catalog.selectors.offers import in_state, state_of
from catalog.services import discounts
from fantasize.core import clock
from fantasize.core.admin.base import ShopModelAdmin
from fantasize.core.admin.display import amount, badge, moment
from fantasize.core.errors import DomainError

TERMS = ("percent", "amount", "starts_at", "ends_at", "is_active")


class DiscountForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    """Terms, and the version that the form was opened with."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["expected_version"] = self.instance.version if self.instance.pk else None

    def clean(self) -> dict[str, Any]:
        """Tell what is wrong with the terms where it is, as the service would."""
        said = self.cleaned_data
        for fault in list(discounts.faults(said)) if said.keys() >= {*TERMS} else ():
            self.add_error(fault.location.removeprefix("/"), fault.detail)
        return said

    def _get_validation_exclusions(self) -> set[str]:
        """All: the database's constraints would tell once more what ``clean`` has told, and not where."""
        return {field.name for field in self.instance._meta.fields}  # noqa: SLF001 - Django's documented interface


class StateFilter(DropdownFilter):
    """Where they are in their time."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """The four states."""
        return [(state.value, state.label) for state in DiscountState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - as above
        """Those in the state that was asked for."""
        value = self.value()
        known = value in DiscountState.values
        return in_state(queryset, DiscountState(value), at=clock.now()) if known else queryset


class DiscountAdmin(ShopModelAdmin):
    """Every write goes through a service; what it refuses is a message."""

    list_filter: ClassVar = [StateFilter]
    ordering = ("-starts_at", "-pk")
    sortable_by = ()

    def store(self, values: dict[str, Any], obj: Any, expected_version: int | None) -> Any:
        """Make ``obj``, or change it if it is there; returns the row."""
        raise NotImplementedError

    def remove(self, obj: Any) -> None:
        """Take ``obj`` away."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Store what the form says, through the service.

        Raises:
            DomainError: whatever the service refuses.
        """
        said = form.cleaned_data
        names = form.changed_data if change else said
        values = {name: _ids(said[name]) for name in names if name != "expected_version"}
        obj.pk = self.store(values, obj, said["expected_version"]).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - as above
        """Nothing is left to do: the service has stored all of it."""

    def delete_model(self, request: HttpRequest, obj: Model) -> None:  # noqa: ARG002 - as above
        """Take one away, through the service."""
        self.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Take each away, through the service."""
        for row in queryset:
            try:
                self.remove(row)
            except DomainError as error:
                messages.error(request, f"{row}: {error.detail}")

    @admin.display(description="State")
    def state(self, discount: Discount) -> SafeString:
        """Where it is in its time."""
        found = state_of(discount, at=clock.now())
        return badge("discount", found.value, found.label)

    @admin.display(description="Less")
    def terms(self, discount: Discount) -> str:
        """How much cheaper it makes things."""
        if discount.percent is not None:
            return f"{discount.percent.normalize():f} %"
        return amount(discount.amount, settings.SHOP_CURRENCY) if discount.amount is not None else "-"

    @admin.display(description="When")
    def window(self, discount: Discount) -> str:
        """From when to when."""
        until = f"until {moment(discount.ends_at)}" if discount.ends_at else "on"
        return f"From {moment(discount.starts_at)} {until}"


def _ids(value: Any) -> Any:
    return [row.pk for row in value] if isinstance(value, QuerySet) else value
