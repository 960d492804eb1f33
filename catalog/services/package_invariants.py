"""What must always hold for packages: checked by a second calculation, in SQL, apart from the one that made it."""

from django.conf import settings

from fantasize.core import invariants, money

_PRICE = """
    SELECT count(*)
      FROM catalog_package AS package
      LEFT JOIN (SELECT package_id, sum(item.quantity * product.list_price) AS total
                   FROM catalog_packageitem AS item JOIN catalog_product AS product ON product.id = item.product_id
                  GROUP BY package_id) AS parts ON parts.package_id = package.id
     WHERE parts.total IS NULL
        OR package.parts_total <> parts.total
        OR package.list_price <> coalesce(package.own_price, round(parts.total * (100 - percent_off) / 100, %s))
"""


def register() -> None:
    """Have ``verify_invariants`` check the packages."""
    invariants.register("packages.price_follows_from_parts", count_wrong)


def count_wrong() -> int:
    """How many packages have no parts, or a price that does not follow from them."""
    return invariants.count(_PRICE, [money.exponent(settings.SHOP_CURRENCY)])
