"""Shipping and taxes in the admin: of two who edit the same, the second undoes nothing of the first."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.models import TaxClass
from fantasize.tests.staff import said
from orders.admin.seen import CHANGED
from orders.models import ShippingMethod, TaxRate
from orders.tests.terms import make_class, make_method, make_rate

pytestmark = pytest.mark.django_db


def opened(client: Client, path: str) -> dict[str, Any]:
    """What the page would send if nobody touched it."""
    context = client.get(path).context
    forms: list[Any] = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    bound = [field for form in forms for field in form]
    said = {field.html_name: getattr(field.value(), "pk", field.value()) for field in bound}
    return {name: value for name, value in said.items() if value is not None and value is not False}


def test_a_methods_bands_and_fields_are_not_overwritten(manager: Client) -> None:
    method = make_method("post", None, (0, "3.90"), countries=["GB"])
    path = f"/admin/orders/shippingmethod/{method.pk}/change/"
    first, second = opened(manager, path), opened(manager, path)
    assert manager.post(path, {**first, "bands-0-price": "4.50"}).status_code == 302
    refused = manager.post(path, {**second, "countries": "DE"})
    assert (refused["Location"], said(refused)[-1]) == (path, CHANGED)
    method.refresh_from_db()
    assert (method.countries, method.bands.get().price) == (["GB"], Decimal("4.50"))
    again = {**opened(manager, path), "countries": "DE"}
    assert manager.post(path, again).status_code == 302
    assert ShippingMethod.objects.get().countries == ["DE"]


def test_a_rate_is_not_overwritten(manager: Client) -> None:
    rate = make_rate(make_class(), "20")
    path = f"/admin/catalog/taxclass/{rate.tax_class_id}/change/"
    first, second = opened(manager, path), opened(manager, path)
    assert manager.post(path, {**first, "rates-0-percent": "19"}).status_code == 302
    assert said(manager.post(path, {**second, "name": "Other"}))[-1] == CHANGED
    assert TaxRate.objects.get().percent == Decimal(19)
    assert TaxClass.objects.get().name != "Other"


def test_a_page_of_what_was_deleted_brings_nothing_back(manager: Client) -> None:
    method = make_method("post", "4.90")
    path = f"/admin/orders/shippingmethod/{method.pk}/change/"
    sent = opened(manager, path)
    method.delete()
    assert manager.post(path, sent).status_code == 302
    assert not ShippingMethod.objects.exists()
