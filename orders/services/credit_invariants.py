"""What must always hold for what was given back: notes, the money behind them, and the pieces that they are about."""

from functools import partial

from fantasize.core import invariants

# Each note was carried out to the cent, on payments for its order, and says what for to no more than that. What was
# refused and given again counts once.
_NOTES_AGAINST_REFUNDS = """
    SELECT count(*)
      FROM orders_creditnote AS note
      FULL JOIN (
          SELECT refund.key, payment.order_id, sum(refund.amount) AS total
            FROM (
                SELECT DISTINCT ON (payment_id, key) payment_id, key, amount
                  FROM orders_refund WHERE starts_with(key, 'credit note ')
                 ORDER BY payment_id, key, state = 'failed', created_at DESC
            ) AS refund JOIN orders_payment AS payment ON payment.id = refund.payment_id
           GROUP BY 1, 2
      ) AS back ON back.key = 'credit note ' || note.id AND back.order_id = note.order_id
      LEFT JOIN (SELECT note_id, sum(amount) AS total FROM orders_creditnoteline GROUP BY 1) AS lines
        ON lines.note_id = note.id
     WHERE note.amount IS DISTINCT FROM back.total OR lines.total > note.amount
"""
_CREDITS_AGAINST_LINES = """
    SELECT count(*)
      FROM orders_orderline AS line
      JOIN (
          SELECT line_id, sum(amount) AS amount, coalesce(sum(quantity) FILTER (WHERE part IS NULL), 0) AS whole
            FROM orders_creditnoteline GROUP BY 1
      ) AS back ON back.line_id = line.id
     WHERE whole > quantity
        OR amount > line_total - discount + tax
        OR EXISTS (
               SELECT 1
                 FROM jsonb_to_recordset(parts) AS piece (product bigint, quantity bigint)
                 JOIN (SELECT part, sum(quantity) AS credited FROM orders_creditnoteline
                        WHERE line_id = line.id GROUP BY 1) AS alone ON alone.part = piece.product
                WHERE alone.credited > piece.quantity * (line.quantity - whole))
"""
# What orders say went back on the shelf is in the ledger; staff may have booked more under an order's number.
_GOODS_AGAINST_LEDGER = """
    SELECT count(*)
      FROM (
          SELECT hold.stock_item_id, o.number::text AS reference, sum(hold.restocked) AS restocked
            FROM orders_hold AS hold JOIN orders_order AS o ON o.id = hold.order_id
           WHERE hold.restocked > 0 GROUP BY 1, 2
      ) AS back
      LEFT JOIN (
          SELECT stock_item_id, reference, sum(delta) AS booked
            FROM catalog_stockmovement WHERE reason IN ('restock', 'return') GROUP BY 1, 2
      ) AS ledger ON ledger.stock_item_id = back.stock_item_id AND ledger.reference = back.reference
     WHERE restocked > coalesce(booked, 0)
"""

_CHECKS = {
    "orders.credit_notes_follow_refunds": _NOTES_AGAINST_REFUNDS,
    "orders.credits_are_within_sold": _CREDITS_AGAINST_LINES,
    "orders.goods_back_follow_ledger": _GOODS_AGAINST_LEDGER,
}


def register() -> None:
    """Have ``verify_invariants`` check what was given back."""
    for name, statement in _CHECKS.items():
        invariants.register(name, partial(invariants.count, statement, ()))
