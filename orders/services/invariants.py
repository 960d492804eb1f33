"""What must always hold for orders: their history, their money, their numbers and the stock they reserve."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fantasize.core import invariants
from orders import states
from orders.events import AGGREGATE
from orders.services import proving
from orders.services.checkout import FIRST_NUMBER

_HELD_WITHOUT_HOLDS = """
    SELECT count(*)
      FROM catalog_stockitem AS item
      LEFT JOIN (
          SELECT stock_item_id, sum(quantity) AS total FROM orders_hold WHERE ended_at IS NULL GROUP BY 1
      ) AS holds ON holds.stock_item_id = item.id
     WHERE item.held <> coalesce(holds.total, 0)
"""
# Stock is reserved for exactly as long as an order waits.
_HOLDS_AGAINST_STATUS = """
    SELECT count(*)
      FROM orders_order AS o
     WHERE (o.status IN ('pending', 'under_review'))
        <> EXISTS (SELECT 1 FROM orders_hold AS hold WHERE hold.order_id = o.id AND hold.ended_at IS NULL)
"""
_STATUS_AGAINST_EVENTS = """
    SELECT count(*)
      FROM orders_order AS o
      LEFT JOIN (
          SELECT DISTINCT ON (aggregate_id) aggregate_id, data ->> 'status' AS status
            FROM core_domainevent WHERE aggregate = %s
           ORDER BY aggregate_id, seq DESC
      ) AS latest ON latest.aggregate_id = o.id::text
     WHERE o.status IS DISTINCT FROM latest.status
"""
# An event may leave the status as it is; every other step is an edge of the state table.
_ILLEGAL_HISTORIES = """
    SELECT count(DISTINCT aggregate_id)
      FROM (
          SELECT aggregate_id, data ->> 'status' AS status, data ->> 'previous' AS previous,
                 lag(data ->> 'status') OVER (PARTITION BY aggregate_id ORDER BY seq) AS before
            FROM core_domainevent WHERE aggregate = %s
      ) AS step
     WHERE previous IS DISTINCT FROM before
        OR (before IS NULL AND status <> ALL (%s))
        OR (before <> status AND before || ' ' || status <> ALL (%s))
"""
# Numbers that were given out and are nobody's, and numbers that nobody gave out.
_NUMBERS_MISSING = """
    WITH counter AS (SELECT coalesce(max(last_number), %s - 1) AS last FROM orders_ordercounter WHERE id = 1)
    SELECT last - %s + 1
           - count(number) FILTER (WHERE number BETWEEN %s AND last)
           + count(number) FILTER (WHERE number NOT BETWEEN %s AND last)
      FROM counter LEFT JOIN orders_order ON true
     GROUP BY last
"""
# The last stage is what came before it and all that the answers add to a unit, rounded half up to as many decimals as
# it has itself. What they cost once comes on top, and what staff asked more for.
_LINES_AGAINST_THEIR_PRICE = """
    SELECT count(*)
      FROM orders_orderline AS line,
           LATERAL (SELECT (stages -> -1 ->> 'amount')::numeric AS unit_price,
                           (stages -> -2 ->> 'amount')::numeric AS before,
                           stages -> -1 ->> 'stage' = 'customization' AS is_customized) AS stage,
           LATERAL (SELECT coalesce(sum(amount) FILTER (WHERE NOT is_once), 0) AS per_unit,
                           coalesce(sum(amount) FILTER (WHERE is_once), 0) AS once
                      FROM jsonb_to_recordset(surcharges) AS paid (amount numeric, is_once boolean)) AS answers
     WHERE line_total <> line.unit_price * quantity + line.once + line.extra_charge
        OR line.unit_price <> stage.unit_price
        OR line.once <> answers.once
        OR is_customized <> (per_unit <> 0)
        OR (is_customized AND stage.unit_price <> round(before + per_unit, scale(stage.unit_price)))
"""
# What a line says that its answers cost is what its things say, the pieces of a part counted.
_SURCHARGES_AGAINST_ANSWERS = """
    SELECT count(*)
      FROM orders_orderline AS line,
           LATERAL (SELECT coalesce(sum(amount), 0) AS total
                      FROM jsonb_to_recordset(surcharges) AS paid (amount numeric)) AS said,
           LATERAL (SELECT coalesce(sum(amount * CASE WHEN is_once THEN 1 ELSE pieces END), 0) AS total
                      FROM jsonb_to_recordset(customizations) AS thing (pieces int, surcharges jsonb),
                           jsonb_to_recordset(thing.surcharges) AS paid (amount numeric, is_once boolean)) AS kept
     WHERE said.total <> kept.total
"""
# Whether a file is what its row says, customizations see to.
_WITHOUT_PROOF = """
    SELECT count(*)
      FROM orders_orderline AS line, jsonb_to_recordset(customizations) AS thing (proof text)
     WHERE erased_at IS NULL AND proof IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM customizations_proof WHERE sha256 = proof)
"""
_WITHOUT_PICTURES = """
    SELECT count(*)
      FROM orders_orderline AS line,
           jsonb_to_recordset(customizations) AS thing (uploads jsonb),
           jsonb_to_recordset(thing.uploads) AS picture (id uuid, sha256 text)
     WHERE NOT EXISTS (SELECT 1 FROM customizations_upload AS kept
                        WHERE kept.id = picture.id AND kept.sha256 = picture.sha256 AND kept_at IS NOT NULL)
"""
_WITHOUT_VERSION = """
    SELECT count(*)
      FROM orders_orderline AS line,
           jsonb_to_recordset(customizations) AS thing (template bigint, version int, schema_sha256 text)
     WHERE NOT EXISTS (SELECT 1 FROM customizations_templateversion AS kept
                        WHERE kept.template_id = thing.template AND kept.number = thing.version
                          AND kept.schema_sha256 = thing.schema_sha256)
"""
_TOTALS_AGAINST_LINES = """
    SELECT count(*)
      FROM orders_order AS o
      LEFT JOIN (SELECT order_id, sum(line_total) AS total FROM orders_orderline GROUP BY 1) AS lines
        ON lines.order_id = o.id
     WHERE o.items_total <> coalesce(lines.total, 0)
        OR o.total <> o.items_total - o.discount_total + o.shipping_total + o.tax_total
"""
# Who has paid twice gets one payment back, and has paid. Until it is given again, a shop keeps what a provider refused.
_MONEY_AGAINST_PAYMENTS = """
    SELECT count(*)
      FROM orders_order AS o
      LEFT JOIN (
          SELECT order_id, sum(amount) AS captured, sum(refunded) AS refunded, min(currency) AS lowest,
                 max(currency) AS highest
            FROM orders_payment WHERE captured_at IS NOT NULL GROUP BY 1
      ) AS money ON money.order_id = o.id
      LEFT JOIN (
          SELECT payment.order_id, sum(refund.amount) AS total
            FROM (
                SELECT DISTINCT ON (payment_id, key) payment_id, amount, state
                  FROM orders_refund ORDER BY payment_id, key, state = 'failed', created_at DESC
            ) AS refund JOIN orders_payment AS payment ON payment.id = refund.payment_id
           WHERE refund.state = 'failed' GROUP BY 1
      ) AS refused ON refused.order_id = o.id
     WHERE (o.currency, o.currency) <> (money.lowest, money.highest)
        OR NOT CASE o.payment_status
               WHEN 'paid' THEN coalesce(captured, 0) - coalesce(refunded, 0)
                                BETWEEN o.total AND o.total + coalesce(refused.total, 0)
               WHEN 'partially_refunded' THEN refunded > 0 AND captured - refunded > 0 AND captured - refunded < o.total
               WHEN 'refunded' THEN captured > 0 AND refunded = captured
               ELSE coalesce(captured, 0) = coalesce(refunded, 0)
           END
"""
# What is written down as going back is what the refunds say, but for those that could not.
_REFUNDS_AGAINST_PAYMENTS = """
    SELECT count(*)
      FROM orders_payment AS payment
      JOIN (
          SELECT payment_id, sum(amount) FILTER (WHERE state <> 'failed') AS total FROM orders_refund GROUP BY 1
      ) AS back ON back.payment_id = payment.id
     WHERE payment.refunded <> coalesce(back.total, 0)
"""
_DELIVERED_UNPAID = """
    SELECT count(*) FROM orders_order
     WHERE status = 'delivered' AND payment_status NOT IN ('paid', 'partially_refunded', 'refunded')
"""

# Whatever went on is as somebody approved it; what was forgotten since is not asked.
_GONE_ON_UNAPPROVED = """
    SELECT count(*)
      FROM orders_linereview AS review
      JOIN orders_orderline AS line ON line.id = review.line_id
      JOIN orders_order AS o ON o.id = line.order_id
     WHERE o.status NOT IN ('under_review', 'rejected', 'cancelled') AND line.erased_at IS NULL
       AND (review.state <> 'approved' OR review.fingerprint <> orders_fingerprint(line.customizations))
"""

_BEGINNINGS = sorted(status.value for status in states.INITIAL)
_EDGES = [f"{edge.source.value} {edge.target.value}" for edge in states.EDGES]
_CHECKS: Mapping[str, tuple[str, Sequence[Any]]] = {
    "stock.held_is_sum_of_open_holds": (_HELD_WITHOUT_HOLDS, ()),
    "orders.holds_follow_status": (_HOLDS_AGAINST_STATUS, ()),
    "orders.status_is_last_event": (_STATUS_AGAINST_EVENTS, (AGGREGATE,)),
    "orders.histories_are_legal": (_ILLEGAL_HISTORIES, (AGGREGATE, _BEGINNINGS, _EDGES)),
    "orders.numbers_without_holes": (_NUMBERS_MISSING, (FIRST_NUMBER,) * 4),
    "orders.lines_follow_their_price": (_LINES_AGAINST_THEIR_PRICE, ()),
    "orders.surcharges_follow_answers": (_SURCHARGES_AGAINST_ANSWERS, ()),
    "orders.special_requests_are_approved": (_GONE_ON_UNAPPROVED, ()),
    "orders.lines_have_their_proofs": (_WITHOUT_PROOF, ()),
    "orders.lines_have_their_pictures": (_WITHOUT_PICTURES, ()),
    "orders.lines_have_their_versions": (_WITHOUT_VERSION, ()),
    "orders.total_is_sum_of_lines": (_TOTALS_AGAINST_LINES, ()),
    "orders.money_follows_payments": (_MONEY_AGAINST_PAYMENTS, ()),
    "orders.payments_follow_refunds": (_REFUNDS_AGAINST_PAYMENTS, ()),
    "orders.delivered_are_paid": (_DELIVERED_UNPAID, ()),
}


def register() -> None:
    """Have ``verify_invariants`` check the orders."""
    for name, (statement, parameters) in _CHECKS.items():
        invariants.register(name, partial(invariants.count, statement, parameters))
    invariants.register("orders.sample_is_made_again", proving.count_changed_in_sample)
