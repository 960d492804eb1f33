import uuid

import django.db.models.deletion
from django.db import migrations, models

import fantasize.core.clock
import fantasize.core.fields

# Whoever writes credit notes holds the order; the trigger does so too, for those who go around the service.
GUARD = """
CREATE FUNCTION orders_guard_credit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sold orders_orderline;
    whole bigint;
    back numeric;
BEGIN
    SELECT line.* INTO sold FROM orders_orderline AS line WHERE line.id = NEW.line_id;
    PERFORM 1 FROM orders_order WHERE id = sold.order_id FOR NO KEY UPDATE;
    SELECT coalesce(sum(quantity) FILTER (WHERE part IS NULL), 0), sum(amount)
      INTO whole, back FROM orders_creditnoteline WHERE line_id = sold.id;
    IF whole > sold.quantity
       OR back > sold.line_total - sold.discount + sold.tax
       OR NOT EXISTS (SELECT 1 FROM orders_creditnote WHERE id = NEW.note_id AND order_id = sold.order_id)
       OR (NEW.part IS NOT NULL AND NOT EXISTS (
              SELECT 1 FROM jsonb_to_recordset(sold.parts) AS piece (product bigint) WHERE product = NEW.part))
       OR EXISTS (
              SELECT 1 FROM jsonb_to_recordset(sold.parts) AS piece (product bigint, quantity bigint)
               WHERE piece.quantity * (sold.quantity - whole) < (
                     SELECT coalesce(sum(credit.quantity), 0) FROM orders_creditnoteline AS credit
                      WHERE credit.line_id = sold.id AND credit.part = piece.product))
    THEN
        RAISE EXCEPTION 'more is given back of line % than was sold', NEW.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_note_line_within_sold';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER orders_creditnoteline_within_sold
    AFTER INSERT OR UPDATE ON orders_creditnoteline FOR EACH ROW EXECUTE FUNCTION orders_guard_credit();
"""
UNGUARD = """
DROP TRIGGER orders_creditnoteline_within_sold ON orders_creditnoteline;
DROP FUNCTION orders_guard_credit();
"""
# Until now, all of an order went back on the shelf at once or nothing of it.
REMEMBER = """
UPDATE orders_hold AS hold SET restocked = hold.quantity
  FROM orders_order AS o
 WHERE o.id = hold.order_id AND hold.outcome = 'consumed' AND o.status IN ('cancelled', 'returned')
   AND EXISTS (SELECT 1 FROM catalog_stockmovement AS movement
                WHERE movement.stock_item_id = hold.stock_item_id AND movement.reference = o.number::text
                  AND movement.reason IN ('restock', 'return') AND movement.delta >= hold.quantity);
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_gifts")]

    operations = [
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("refund", "Refund"), ("return", "Return")], max_length=10)),
                ("amount", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("reason", models.TextField()),
                ("is_restocked", models.BooleanField(default=False)),
                ("created_by", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credit_notes", to="orders.order"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="credit_note_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["refund", "return"])), name="credit_note_kind_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.PositiveBigIntegerField(blank=True, null=True)),
                ("quantity", models.PositiveIntegerField()),
                ("amount", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credits", to="orders.orderline"
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.creditnote"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("note", "line", "part"), name="credit_note_line_thing_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="credit_note_line_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)), name="credit_note_line_amount_not_negative"
                    ),
                ],
            },
        ),
        migrations.AddField("hold", "restocked", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField("hold", "written_off", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.RunSQL(REMEMBER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "hold",
            models.CheckConstraint(
                condition=models.Q(("restocked", 0), ("written_off", 0))
                | models.Q(("outcome", "consumed"), ("quantity__gte", models.F("restocked") + models.F("written_off"))),
                name="hold_gives_back_what_it_took",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
