"""Spreadsheets that staff exported: they tell of people who were erased since no longer than the shop itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from accounts.models import User
from accounts.services import erasure
from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.core import clock
from fantasize.core.models import Transfer
from fantasize.core.transfers import running
from fantasize.tests.staff import signed_in
from orders.enums import OrderStatus
from orders.models import Order
from orders.tests.factories import make_order, move

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def exported(client: Client, what: str) -> Transfer:
    """A list as a file, which is ready."""
    client.post(f"/admin/{what}/export/", {"format": "csv"})
    transfer = Transfer.objects.order_by("-created_at")[0]
    running.run_here(transfer)
    return transfer


def erase(user: User, capture: Any) -> None:
    with capture(execute=True):
        erasure.erase(user=user)


def test_exports_of_orders_go_with_whoever_is_in_them(django_capture_on_commit_callbacks: Any) -> None:
    user, staff = make_user(email="zoe@example.com"), signed_in()
    make_product()
    earlier = exported(staff, "orders/order")
    move(make_order(user=user), OrderStatus.CANCELLED)
    orders, products = exported(staff, "orders/order"), exported(staff, "catalog/product")
    stored = str(orders.file)
    with default_storage.open(stored) as file:
        assert b"zoe@example.com" in file.read()
    erase(user, django_capture_on_commit_callbacks)
    assert not default_storage.exists(stored)
    page = staff.get(f"/admin/core/transfer/{orders.pk}/change/").content.decode()
    assert 'data-do="download"' not in page
    assert "Export again." in page
    assert staff.get(f"/admin/core/transfer/{orders.pk}/file/").status_code == 404
    for kept in (earlier, products):
        kept.refresh_from_db()
        assert default_storage.exists(str(kept.file)), "it was made before they ordered, or tells of nobody"


def test_what_is_exported_afterwards_stays(django_capture_on_commit_callbacks: Any) -> None:
    user, staff = make_user(), signed_in()
    move(make_order(user=user), OrderStatus.CANCELLED)
    running_then = exported(staff, "orders/order")
    erase(user, django_capture_on_commit_callbacks)
    later = exported(staff, "orders/order")
    # One that was being written meanwhile has its file by now.
    Transfer.objects.filter(pk=running_then.pk).update(file=later.file.name)
    with django_capture_on_commit_callbacks():
        erasure.finish(user_id=user.pk)
    assert Transfer.objects.get(pk=running_then.pk).file.name == ""
    assert Transfer.objects.get(pk=later.pk).file.name == later.file.name


def test_nobody_elses_erasure_takes_a_file(django_capture_on_commit_callbacks: Any) -> None:
    staff = signed_in()
    move(make_order(), OrderStatus.CANCELLED)
    Order.objects.update(placed_at=clock.now() - timedelta(days=1))
    transfer = exported(staff, "orders/order")
    erase(make_user(), django_capture_on_commit_callbacks)
    transfer.refresh_from_db()
    assert default_storage.exists(str(transfer.file))
