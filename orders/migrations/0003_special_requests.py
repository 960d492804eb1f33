"""Special requests."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import fantasize.core.clock
import fantasize.core.fields

# What code asks and what triggers enforce is one and the same: see orders/services/approvals.py. A line with a review
# needs approval for ever, whatever its answers say of themselves.
GATE = """
CREATE FUNCTION orders_fingerprint(customizations jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(customizations::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION orders_unapproved_lines(of_order uuid) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT line.id
      FROM orders_orderline AS line
      LEFT JOIN orders_linereview AS review ON review.line_id = line.id
     WHERE line.order_id = of_order
       AND (review.id IS NOT NULL OR jsonb_path_exists(line.customizations, '$[*].needs_approval[*]'))
       AND (review.state IS DISTINCT FROM 'approved' OR review.fingerprint <> orders_fingerprint(line.customizations))
$$;

CREATE FUNCTION orders_guard_approvals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM orders_unapproved_lines(NEW.id)) THEN
        RAISE EXCEPTION 'order % has lines that nobody approved as they are', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_lines_approved';
    END IF;
    IF NEW.status = 'processing' AND NEW.awaits_acceptance THEN
        RAISE EXCEPTION 'the extra charge of order % was not accepted', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_quote_accepted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_order_goes_on_approved
    BEFORE UPDATE OF status ON orders_order FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status
          AND (NEW.status = 'processing' OR (OLD.status = 'under_review' AND NEW.status = 'pending')))
    EXECUTE FUNCTION orders_guard_approvals();

CREATE FUNCTION orders_guard_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.line_id <> OLD.line_id THEN
        RAISE EXCEPTION 'a review stays with its line'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'line_review_stays';
    END IF;
    IF NEW.state = 'approved'
        AND (TG_OP = 'INSERT' OR (NEW.state, NEW.fingerprint) IS DISTINCT FROM (OLD.state, OLD.fingerprint))
        AND NEW.fingerprint IS DISTINCT FROM
            (SELECT orders_fingerprint(customizations) FROM orders_orderline WHERE id = NEW.line_id)
    THEN
        RAISE EXCEPTION 'line % is not what was approved', NEW.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'line_review_bound';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_linereview_bound
    BEFORE INSERT OR UPDATE ON orders_linereview FOR EACH ROW EXECUTE FUNCTION orders_guard_review();

CREATE FUNCTION orders_keep_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM orders_orderline WHERE id = OLD.line_id)
        AND NOT EXISTS (SELECT FROM orders_linereview WHERE line_id = OLD.line_id)
    THEN
        RAISE EXCEPTION 'the review of line % goes only with the line', OLD.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'line_review_kept';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER orders_linereview_kept
    AFTER DELETE ON orders_linereview DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION orders_keep_review();

CREATE FUNCTION orders_void_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders_linereview
       SET state = 'waiting', fingerprint = '', decided_by = '', decided_at = NULL, waiting_since = now(),
           is_voided = true, version = version + 1
     WHERE line_id = NEW.id AND state <> 'waiting';
    RETURN NULL;
END $$;
-- More of it than was approved was not. What is forgotten is not changed: the decision belongs to the books.
CREATE TRIGGER orders_orderline_voids_review
    AFTER UPDATE OF customizations, quantity ON orders_orderline FOR EACH ROW
    WHEN (NEW.erased_at IS NULL
          AND (OLD.customizations::text IS DISTINCT FROM NEW.customizations::text OR NEW.quantity > OLD.quantity))
    EXECUTE FUNCTION orders_void_review();
"""
UNGATE = """
DROP TRIGGER orders_orderline_voids_review ON orders_orderline;
DROP TRIGGER orders_linereview_kept ON orders_linereview;
DROP TRIGGER orders_linereview_bound ON orders_linereview;
DROP TRIGGER orders_order_goes_on_approved ON orders_order;
DROP FUNCTION orders_void_review();
DROP FUNCTION orders_keep_review();
DROP FUNCTION orders_guard_review();
DROP FUNCTION orders_guard_approvals();
DROP FUNCTION orders_unapproved_lines(uuid);
DROP FUNCTION orders_fingerprint(jsonb);
"""

_STATES = [
    ("waiting", "Needs approval"),
    ("approved", "Approved"),
    ("change_requested", "Change requested"),
    ("rejected", "Rejected"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0002_status_guard")]

    operations: ClassVar = [
        migrations.AddField(
            "orderline",
            "extra_charge",
            fantasize.core.fields.MoneyField(db_default=0, decimal_places=3, default=0, max_digits=14),
        ),
        migrations.AddConstraint(
            "orderline",
            models.CheckConstraint(condition=models.Q(extra_charge__gte=0), name="order_line_extra_not_negative"),
        ),
        migrations.AddField(
            "order",
            "awaits_acceptance",
            models.BooleanField(
                db_default=False,
                default=False,
                help_text="Staff asked for more; the shopper has not said yes yet.",
            ),
        ),
        migrations.AddIndex(
            "order",
            models.Index(
                fields=["placed_at"], name="order_awaits_acceptance", condition=models.Q(awaits_acceptance=True)
            ),
        ),
        migrations.CreateModel(
            name="LineReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(choices=_STATES, default="waiting", max_length=20)),
                ("fingerprint", models.CharField(blank=True, default="", max_length=64)),
                ("reason", models.TextField(blank=True, default="")),
                ("note", models.TextField(blank=True, default="")),
                ("decided_by", models.CharField(blank=True, default="", max_length=120)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("waiting_since", models.DateTimeField(default=fantasize.core.clock.now)),
                ("is_voided", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="review", to="orders.orderline"
                    ),
                ),
            ],
            options={
                "verbose_name": "special request",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", [value for value, _ in _STATES])),
                        name="line_review_state_known",
                    ),
                    models.CheckConstraint(
                        condition=(
                            models.Q(("decided_at__isnull", False), ("state", "approved"))
                            & ~models.Q(fingerprint="")
                            & ~models.Q(decided_by="")
                        )
                        | (~models.Q(state="approved") & models.Q(fingerprint="")),
                        name="line_review_approval_is_bound",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["waiting_since"],
                        name="line_review_open",
                        condition=models.Q(("state__in", ["waiting", "change_requested"])),
                    ),
                ],
            },
        ),
        migrations.RunSQL(GATE, UNGATE),
    ]
