"""How often each product was sold: what "best selling" goes by."""

from collections.abc import Mapping

from django.db import connection

from catalog.models import Product

_ADD = """
    UPDATE catalog_product AS product SET sales_count = greatest(product.sales_count + sold.pieces, 0)
      FROM unnest(%s::bigint[], %s::int[]) AS sold (id, pieces)
     WHERE product.id = sold.id
"""


def record(pieces: Mapping[int, int]) -> None:
    """Add pieces sold (or, below zero, taken back before they left) by product id, in the caller's transaction.

    Two queries, however many products; they are locked in primary-key order, after the order's stock.
    """
    ids = sorted(pieces)
    list(Product.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [ids, [pieces[product] for product in ids]])
