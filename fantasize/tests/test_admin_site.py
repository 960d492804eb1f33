"""The admin as a place: who gets in, what the menu offers, where addresses lead, what a browser is allowed to run."""

import re

import pytest
from django.contrib import admin
from django.test import Client

from accounts.tests.factories import PASSWORD, make_user
from fantasize.admin.site import ShopAdminSite
from fantasize.tests.staff import make_viewer, signed_in

pytestmark = pytest.mark.django_db


def test_the_admin_runs_on_the_shops_own_site() -> None:
    assert isinstance(admin.site, ShopAdminSite)


def test_staff_sign_in_with_their_e_mail_address() -> None:
    manager = make_user(role="manager")
    client = Client()
    answer = client.post("/admin/login/?next=/admin/", {"username": manager.email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["/admin/", "/admin/orders/order/", "/admin/catalog/product/1/stock/"])
def test_customers_and_strangers_do_not_get_in(path: str) -> None:
    for client in (Client(), signed_in(make_user())):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/admin/orders/order", "/admin/orders/order/"),
        ("/admin/orders/order?status__exact=pending", "/admin/orders/order/?status__exact=pending"),
    ],
)
def test_an_address_without_its_closing_slash_leads_to_the_page(address: str, page: str) -> None:
    answer = signed_in().get(address)
    assert (answer.status_code, answer["Location"]) == (301, page)


@pytest.mark.parametrize("address", ["/admin/nothing", "/admin/nothing/", "/admin/orders/nothing/"])
def test_an_address_of_nothing_is_not_found(address: str) -> None:
    assert signed_in().get(address).status_code == 404


def test_the_menu_offers_only_what_may_be_opened() -> None:
    menu = re.compile(r'href="/admin/(\w+/\w+)/"')
    managers = menu.findall(signed_in().get("/admin/").content.decode())
    assert {"orders/order", "catalog/product"} <= set(managers)
    assert "accounts/user" not in managers
    viewers = menu.findall(signed_in(make_viewer("catalog.view_brand")).get("/admin/").content.decode())
    assert "catalog/brand" in viewers
    assert "orders/order" not in viewers


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/admin/orders/order/", "/admin/catalog/product/add/"])
def test_pages_hold_no_inline_script_and_no_foreign_address(path: str) -> None:
    client = Client() if path == "/admin/login/" else signed_in()
    answer = client.get(path)
    page = answer.content.decode()
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\son\w+=", page) == []
    assert re.findall(r"""(?:src|href|action)=["']?(?:https?:)?//""", page) == []
