"""The form of an order that staff prepare: for whom, of what, and the answers to what that asks."""

import re
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import User
from catalog.models import Package, PackageItem, Product
from customizations.engine import ButtonOption, ImageOption, MessageOption, Schema
from customizations.selectors.templates import live_templates
from orders.admin import wire_forms
from orders.enums import PaymentMethod
from orders.models import CartLine, DraftOrder, ShippingMethod
from orders.models.cart import MAX_LINES, MAX_QUANTITY

BLANK_LINES = 2
THINGS = ("product", "package")
_ANSWER = "answer_"
# What fits 64 bits.
_KEY = re.compile(r"[1-9][0-9]{0,17}")
_PLAIN = ("coupon", "ship_in_parts", "shipping_method", "payment_method", "is_gift", "gift_message", "is_anonymous")


class _KeySelect(AutocompleteSelect):
    """Asks for a row by its name."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        """What was chosen, if it can be a key at all."""
        value: str | None = super().value_from_datadict(data, files, name)
        return value if value and _KEY.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about one thing of a line: the thing itself, or a part of the package (by product), by name."""

    part: int | None
    name: str
    schema: Schema


class LineForm(forms.Form):
    """One line: a product or a package, how many of it, and an input for each of its options."""

    product = forms.ModelChoiceField(
        Product.objects.active(),
        required=False,
        widget=_KeySelect(CartLine._meta.get_field("product"), admin.site),  # noqa: SLF001 - Django's documented interface
    )
    package = forms.ModelChoiceField(
        Package.objects.active(),
        required=False,
        widget=_KeySelect(CartLine._meta.get_field("package"), admin.site),  # noqa: SLF001 - as above
    )
    quantity = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_QUANTITY, widget=UnfoldAdminIntegerFieldWidget()
    )

    def __init__(self, *args: Any, asked: Sequence[Asked] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = [(thing, option) for thing in asked for option in thing.schema.options]
        for thing, option in self.asked:
            self.fields[_name(thing.part, option.key)] = _field_for(thing, option)

    def clean(self) -> dict[str, Any]:
        """That what it says is of something: what is not sold any more is not left out without a word."""
        said = self.cleaned_data
        if not self.errors and said.get("quantity") and not any(said.get(kind) for kind in THINGS):
            self.add_error("product", "Choose a product or a package, or leave the whole line empty.")
        return said

    @property
    def answer_fields(self) -> list[forms.BoundField]:
        """The inputs of its options."""
        return [self[_name(thing.part, option.key)] for thing, option in self.asked]

    @property
    def lost(self) -> list[str]:
        """What was answered of old that has no input: it is asked no more, or cannot be chosen. By option."""
        answered = {name: value for name, value in self.initial.items() if name.startswith(_ANSWER)}
        return [f"{_key_in(name)}: {value}" for name, value in answered.items() if not self._takes(name, value)]

    def _takes(self, name: str, value: str) -> bool:
        field = self.fields.get(name)
        return field is not None and (not isinstance(field, forms.ChoiceField) or field.valid_value(value))

    @property
    def line(self) -> dict[str, Any] | None:
        """The line of a valid form, as a body has it; None for one that was left empty."""
        said = self.cleaned_data
        things = {kind: said[kind].pk for kind in THINGS if said.get(kind)}
        if not things:
            return None
        answers: dict[int | None, dict[str, str]] = {}
        for thing, option in self.asked:
            if value := said.get(_name(thing.part, option.key)):
                answers.setdefault(thing.part, {})[option.key] = value
        own = answers.pop(None, {})
        parts = {str(part): given for part, given in answers.items()}
        return {**things, "quantity": said.get("quantity") or 1, "answers": own, "parts": parts}


class _Lines(forms.BaseFormSet[LineForm]):
    """The lines, each with what is asked about the thing that it names."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """With what that line asks."""
        kinds = [self._chosen(index, kind) for kind in ("product", "package")] if index is not None else [None, None]
        return {**super().get_form_kwargs(index), "asked": asked_about(*kinds)}

    def _chosen(self, index: int | None, kind: str) -> int | None:
        begin = (self.initial or [])[index] if index is not None and index < len(self.initial or []) else {}
        value = self.data.get(f"{self.prefix}-{index}-{kind}") if self.is_bound else begin.get(kind)
        text = str(value or "")
        return int(text) if _KEY.fullmatch(text) else None


Lines = forms.formset_factory(LineForm, formset=_Lines, extra=BLANK_LINES, max_num=MAX_LINES, validate_max=True)


class DraftForm(wire_forms.AddressForm):
    """For whom an order is, how it is paid and sent, and what is said with it."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput())
    # What a new draft will be known by, so that a page that is sent twice notes one.
    key = forms.UUIDField(required=False, widget=forms.HiddenInput())
    expected_total = forms.DecimalField(required=False, max_digits=14, widget=forms.HiddenInput())
    email = forms.EmailField(
        label="E-mail of an account, or of a guest", max_length=254, widget=UnfoldAdminTextInputWidget()
    )
    payment_method = forms.ChoiceField(choices=PaymentMethod.choices, widget=UnfoldAdminSelectWidget())
    shipping_method = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget())
    coupon = forms.CharField(required=False, max_length=100, widget=UnfoldAdminTextInputWidget())
    ship_in_parts = forms.BooleanField(
        label="What has to be looked at first is an order of its own", required=False, widget=UnfoldBooleanWidget()
    )
    is_gift = forms.BooleanField(label="It is a gift", required=False, widget=UnfoldBooleanWidget())
    is_anonymous = forms.BooleanField(
        label="The recipient never learns from whom", required=False, widget=UnfoldBooleanWidget()
    )
    gift_message = forms.CharField(required=False, max_length=1000, widget=UnfoldAdminTextareaWidget({"rows": 3}))
    recipient_name = forms.CharField(required=False, max_length=150, widget=UnfoldAdminTextInputWidget())
    recipient_email = forms.EmailField(required=False, widget=UnfoldAdminTextInputWidget())
    note = forms.CharField(
        label="Note among staff", required=False, max_length=1000, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = ShippingMethod.objects.order_by("position", "pk").values_list("code", "name")
        self.fields["shipping_method"].choices = [("", "The cheapest"), *ways]  # type: ignore[attr-defined]  # a choice field

    def find_customer(self) -> User | None:
        """Whose account the e-mail address of a valid form is; None for a guest's."""
        return User.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).first()

    def body_with(self, lines: Sequence[LineForm], *, is_guest: bool) -> dict[str, Any]:
        """What valid forms say, as ``POST /orders`` takes it."""
        said = self.cleaned_data
        body = {name: said[name] for name in _PLAIN if said[name]}
        body["lines"] = [line.line for line in lines if line.line]
        if is_guest:
            body["email"] = said["email"]
        if said["recipient_name"] or said["recipient_email"]:
            recipient = {"name": said["recipient_name"], "email": said["recipient_email"]}
            body["recipient"] = {name: value for name, value in recipient.items() if value}
        if any(self.address.values()):
            body["shipping_address"] = {name: value for name, value in self.address.items() if value}
        return body


def initial_of(draft: DraftOrder | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the form and its lines begin with."""
    if draft is None:
        return {"key": uuid.uuid4()}, []
    body, recipient = draft.body, draft.body.get("recipient") or {}
    begin = {name: body.get(name) for name in _PLAIN} | wire_forms.initial_of(body.get("shipping_address") or {})
    email = draft.customer.email if draft.customer else draft.email
    begin |= {"email": email, "note": draft.note, "version": draft.version}
    begin |= {f"recipient_{name}": recipient.get(name, "") for name in ("name", "email")}
    return begin, [_line_initial(line) for line in body["lines"]]


def asked_about(product: int | None, package: int | None) -> list[Asked]:
    """What is asked about a product, or a package and its parts. A few queries."""
    items: Collection[PackageItem] = PackageItem.objects.filter(package=package).select_related("product")
    parts = list(items) if package else []
    products = {part.product_id for part in parts} | ({product} if product else set())
    of_products, of_packages = live_templates(products=products, packages={package} if package else set())
    own = of_products.get(product or 0) if product else of_packages.get(package or 0)
    asked = [Asked(None, "", own.schema)] if own else []
    templates = [(part, of_products.get(part.product_id)) for part in parts]
    return asked + [Asked(part.product_id, part.product.name, found.schema) for part, found in templates if found]


def _line_initial(line: Mapping[str, Any]) -> dict[str, Any]:
    begin = {name: line.get(name) for name in ("product", "package", "quantity")}
    begin |= {_name(None, key): value for key, value in line["answers"].items()}
    return begin | dict(_part_answers(line["parts"]))


def _part_answers(parts: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    for part, answers in parts.items():
        for key, value in answers.items():
            yield _name(int(part), key), value


def _name(part: int | None, key: str) -> str:
    return f"{_ANSWER}{part or ''}_{key}"


def _key_in(name: str) -> str:
    return name.removeprefix(_ANSWER).partition("_")[2]


def _field_for(thing: Asked, option: Any) -> forms.Field:
    """The input of one option; whether it has to be filled, the engine says."""
    label = f"{thing.name}: {option.label}" if thing.name else option.label
    if isinstance(option, ButtonOption):
        choices = [("", "-"), *((choice.value, choice.label) for choice in option.choices)]
        return forms.ChoiceField(label=label, choices=choices, required=False, widget=UnfoldAdminSelectWidget())
    is_long = isinstance(option, MessageOption)
    widget = UnfoldAdminTextareaWidget({"rows": 3}) if is_long else UnfoldAdminTextInputWidget()
    if isinstance(option, ImageOption):
        label = f"{label} (the id of a picture of the customer's)"
    return forms.CharField(label=label, required=False, strip=False, widget=widget)
