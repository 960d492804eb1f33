"""Attempts to pay, pages to pay on, refunds, and what providers tell."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import fantasize.core.clock
import fantasize.core.fields

# Until now a payment was written down when its money had come.
CAPTURED = """
    UPDATE orders_payment
       SET captured_at = created_at,
           state = CASE WHEN refunded = 0 THEN 'paid' WHEN refunded < amount THEN 'partially_refunded' ELSE 'refunded' END
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_shipping_and_tax")]

    operations = [
        migrations.CreateModel(
            name="PaymentSession",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("gateway", models.CharField(max_length=20)),
                ("provider_id", models.CharField(blank=True, max_length=255)),
                ("redirect_url", models.TextField(blank=True)),
                ("payment_ref", models.CharField(blank=True, max_length=255)),
                ("facts", models.JSONField(default=dict)),
                ("extended_hold", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField()),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=255)),
                ("amount", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("succeeded", "Succeeded"), ("failed", "Failed")],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("provider_id", models.CharField(blank=True, max_length=255)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SandboxSession",
            fields=[
                ("provider_id", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=255, unique=True)),
                ("order", models.CharField(max_length=40)),
                ("number", models.PositiveBigIntegerField()),
                ("amount", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("refunds", models.JSONField(default=dict)),
                ("currency", models.CharField(max_length=3)),
                ("success_url", models.TextField()),
                ("cancel_url", models.TextField()),
                ("expires_at", models.DateTimeField()),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("is_completed", models.BooleanField(default=False)),
                ("is_paid", models.BooleanField(default=False)),
                ("is_failed", models.BooleanField(default=False)),
                ("is_cancelled", models.BooleanField(default=False)),
                ("pays_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="WebhookEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gateway", models.CharField(max_length=20)),
                ("event_id", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=120)),
                ("is_live", models.BooleanField()),
                ("key", models.CharField(blank=True, max_length=255)),
                ("order_key", models.CharField(blank=True, max_length=255)),
                ("provider_id", models.CharField(blank=True, max_length=255)),
                ("payment_ref", models.CharField(blank=True, max_length=255)),
                ("amount", fantasize.core.fields.MoneyField(blank=True, decimal_places=3, max_digits=14, null=True)),
                ("currency", models.CharField(blank=True, max_length=10)),
                ("facts", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("processed", "Processed"),
                            ("ignored", "Ignored"),
                            ("flagged", "Needs a look"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("received_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="payment",
            name="captured_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="payment",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("paid", "Paid"),
                    ("failed", "Failed"),
                    ("expired", "Expired"),
                    ("partially_refunded", "Partially refunded"),
                    ("refunded", "Refunded"),
                ],
                default="pending",
                max_length=20,
            ),
        ),
        migrations.RunSQL(CAPTURED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["pending", "paid", "failed", "expired", "partially_refunded", "refunded"])
                ),
                name="payment_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("captured_at", None), ("refunded", 0), ("state__in", ("pending", "failed", "expired"))),
                    models.Q(
                        ("captured_at__isnull", False),
                        models.Q(("state__in", ("pending", "failed", "expired")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="payment_captured_as_its_state_says",
            ),
        ),
        migrations.AddField(
            model_name="paymentsession",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="payment_sessions", to="orders.order"
            ),
        ),
        migrations.AddField(
            model_name="paymentsession",
            name="payment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="session", to="orders.payment"
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="payment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="orders.payment"
            ),
        ),
        migrations.AddConstraint(
            model_name="sandboxsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_failed", True), ("is_paid", True), _negated=True),
                name="sandbox_session_one_outcome",
            ),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="orders.paymentsession",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentsession",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["created_at"], name="payment_session_unsettled"
            ),
        ),
        migrations.AddIndex(
            model_name="paymentsession",
            index=models.Index(
                condition=models.Q(("payment_ref", ""), _negated=True),
                fields=["payment_ref"],
                name="payment_session_by_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentsession",
            constraint=models.UniqueConstraint(
                condition=models.Q(("provider_id", ""), _negated=True),
                fields=("gateway", "provider_id"),
                name="payment_session_opened_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentsession",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("order",), name="payment_session_one_open"
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(condition=models.Q(("state", "pending")), fields=["created_at"], name="refund_pending"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "failed"), _negated=True),
                fields=("payment", "key"),
                name="refund_once_under_its_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_amount_positive"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("state", "pending")),
                    models.Q(("settled_at__isnull", False), models.Q(("state", "pending"), _negated=True)),
                    _connector="OR",
                ),
                name="refund_settled_when_not_pending",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["received_at"], name="webhook_event_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(fields=["-received_at"], name="webhook_event_newest"),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=models.UniqueConstraint(fields=("gateway", "event_id"), name="webhook_event_once"),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "processed", "ignored", "flagged"])),
                name="webhook_event_state_known",
            ),
        ),
    ]
