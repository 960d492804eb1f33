"""What must always hold for the price of an order as a whole: it comes from its lines again, to the coin."""

from functools import partial

from fantasize.core import invariants

# Of an order that keeps no stages (imported, or older than they are), the sums are all there is.
_TOTAL_AGAINST_STAGES = """
    SELECT count(*)
      FROM orders_order AS o,
           LATERAL (SELECT coalesce(sum(change) FILTER (WHERE stage = 'items'), 0) AS items,
                           coalesce(sum(change) FILTER (WHERE stage = 'coupon'), 0) AS discount,
                           coalesce(sum(change) FILTER (WHERE stage = 'shipping'), 0) AS shipping,
                           coalesce(sum(change) FILTER (WHERE stage = 'tax'), 0) AS tax
                      FROM jsonb_to_recordset(stages) AS step (stage text, change numeric)) AS sums
     WHERE stages <> '[]'
       AND ((items_total, -discount_total, shipping_total, tax_total)
            <> (sums.items, sums.discount, sums.shipping, sums.tax)
            OR total <> (stages -> -1 ->> 'amount')::numeric)
"""
_SHARES_AGAINST_TOTALS = """
    SELECT count(*)
      FROM orders_order AS o
      LEFT JOIN (SELECT order_id, sum(discount) AS discount, sum(tax) AS tax, sum(tax_included) AS included
                   FROM orders_orderline GROUP BY 1) AS lines ON lines.order_id = o.id,
           LATERAL (SELECT coalesce(sum(shipping_amount) FILTER (WHERE NOT is_included), 0) AS tax,
                           coalesce(sum(shipping_amount) FILTER (WHERE is_included), 0) AS included
                      FROM jsonb_to_recordset(taxes) AS rate (shipping_amount numeric, is_included boolean)) AS shipping
     WHERE (discount_total, tax_total, tax_included_total)
        <> (coalesce(lines.discount, 0), coalesce(lines.tax, 0) + shipping.tax,
            coalesce(lines.included, 0) + shipping.included)
"""
# A rate is on what the lines of its class are left with after the coupon, and on the shipping or not. It is rounded
# half up once, to as many decimals as it has itself.
_TAXES_AGAINST_RATES = """
    SELECT count(*)
      FROM orders_order AS o,
           jsonb_to_recordset(o.taxes) AS rate (tax_class text, percent numeric, is_included boolean, base numeric,
                                                amount numeric, shipping_base numeric),
           LATERAL (SELECT coalesce(sum(line_total - discount), 0) AS net
                      FROM orders_orderline AS line
                     WHERE line.order_id = o.id AND line.tax_class = rate.tax_class) AS lines
     WHERE rate.base <> lines.net + rate.shipping_base
        OR rate.shipping_base NOT IN (0, o.shipping_total)
        OR rate.amount <> round(base * percent / CASE WHEN is_included THEN 100 + percent ELSE 100 END, scale(amount))
"""
# A use of a coupon is given back when the order's hold is, and only then.
_COUPONS_AGAINST_USES = """
    SELECT count(*)
      FROM orders_order AS o
      LEFT JOIN catalog_couponredemption AS used ON used.reference = o.id::text
     WHERE (o.coupon <> '') <> (used.id IS NOT NULL)
        OR o.discount_total <> coalesce(used.amount, 0)
        OR (used.released_at IS NULL AND used.id IS NOT NULL AND o.status = 'rejected')
        OR (used.released_at IS NOT NULL AND o.status NOT IN ('cancelled', 'rejected'))
"""

_CHECKS = {
    "orders.total_follows_its_stages": _TOTAL_AGAINST_STAGES,
    "orders.shares_come_to_totals": _SHARES_AGAINST_TOTALS,
    "orders.taxes_follow_rates": _TAXES_AGAINST_RATES,
    "orders.coupons_are_used_once": _COUPONS_AGAINST_USES,
}


def register() -> None:
    """Have ``verify_invariants`` check the orders' prices."""
    for name, statement in _CHECKS.items():
        invariants.register(name, partial(invariants.count, statement, ()))
