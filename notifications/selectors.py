"""Who is to be told, and what."""

from collections.abc import Collection

from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.models.user import UserQuerySet
from catalog.enums import StockStatus
from catalog.models import Product


def staff_who_may(permission: str) -> UserQuerySet:
    """Staff with a right (``app.codename``), their own or of one of their groups; superusers have all. One query."""
    app, codename = permission.split(".")
    right = Permission.objects.filter(content_type__app_label=app, codename=codename)
    own = Exists(right.filter(user=OuterRef("pk")))
    of_group = Exists(right.filter(group__user=OuterRef("pk")))
    people: UserQuerySet = User.objects.active().staff()
    return people.filter(Q(is_superuser=True) | own | of_group).order_by("pk")


def scarce_products(stock_item_ids: Collection[int]) -> list[Product]:
    """Those of these stock items' products that are in the shop and still scarce, the scarcest first."""
    products = Product.objects.active().filter(stock__in=stock_item_ids).select_related("stock")
    scarce = [product for product in products if product.status is not StockStatus.IN_STOCK]
    return sorted(scarce, key=lambda product: (product.available, product.name, product.pk))
