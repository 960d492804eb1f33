import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import fantasize.core.clock
import fantasize.core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0002_rules"),
        ("customizations", "0002_versions_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_number", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Cart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("guest", models.CharField(blank=True, max_length=100)),
                ("version", models.PositiveIntegerField(default=0)),
                ("ordered_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("changed_at", models.DateTimeField(default=fantasize.core.clock.now)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="carts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("guest", ""), _negated=True), fields=["guest"], name="cart_by_guest"
                    ),
                    models.Index(fields=["-changed_at", "-id"], name="cart_latest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("user", None), models.Q(("guest", ""), _negated=True)),
                            models.Q(("guest", ""), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="cart_of_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ordered_at", None)), fields=("user",), name="cart_one_open_per_user"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ordered_at", None), models.Q(("guest", ""), _negated=True)),
                        fields=("guest",),
                        name="cart_one_open_per_guest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CartLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("quantity", models.PositiveIntegerField()),
                ("answers", models.JSONField(default=dict)),
                ("parts", models.JSONField(default=dict)),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "uploads",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None),
                ),
                ("templates", models.JSONField(default=list)),
                ("unit_price", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("once", fantasize.core.fields.MoneyField(decimal_places=3, default=0, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("changed_at", models.DateTimeField(default=fantasize.core.clock.now)),
                (
                    "cart",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.cart"
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="catalog.package"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="catalog.product"
                    ),
                ),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["uploads"], name="cart_line_uploads")],
                "constraints": [
                    models.UniqueConstraint(fields=("cart", "fingerprint"), name="cart_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1), ("quantity__lte", 1000)),
                        name="cart_line_quantity_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("product", None), ("package", None), _connector="OR"),
                        name="cart_line_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField(editable=False, unique=True)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("under_review", "Under review"),
                            ("pending", "Pending"),
                            ("processing", "Processing"),
                            ("processed", "Processed"),
                            ("shipped", "Shipped"),
                            ("delivered", "Delivered"),
                            ("cancelled", "Cancelled"),
                            ("rejected", "Rejected"),
                            ("returned", "Returned"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "payment_status",
                    models.CharField(
                        choices=[
                            ("unpaid", "Unpaid"),
                            ("pending", "Pending"),
                            ("paid", "Paid"),
                            ("failed", "Failed"),
                            ("partially_refunded", "Partially refunded"),
                            ("refunded", "Refunded"),
                        ],
                        default="unpaid",
                        max_length=20,
                    ),
                ),
                (
                    "payment_method",
                    models.CharField(
                        choices=[("hosted", "Hosted page"), ("cash_on_delivery", "Cash on delivery")], max_length=20
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("shop", "Shop"), ("staff", "Staff"), ("import", "Import")],
                        default="shop",
                        max_length=10,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("items_total", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("discount_total", fantasize.core.fields.MoneyField(decimal_places=3, default=0, max_digits=14)),
                ("shipping_total", fantasize.core.fields.MoneyField(decimal_places=3, default=0, max_digits=14)),
                (
                    "tax_total",
                    fantasize.core.fields.MoneyField(
                        decimal_places=3, default=0, help_text="What comes on top of the prices.", max_digits=14
                    ),
                ),
                (
                    "tax_included_total",
                    fantasize.core.fields.MoneyField(
                        decimal_places=3, default=0, help_text="What the prices contain.", max_digits=14
                    ),
                ),
                ("total", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("coupon", models.CharField(blank=True, max_length=40)),
                ("shipping_method", models.CharField(blank=True, max_length=40)),
                ("stages", models.JSONField(default=list, help_text="How the total came about, step by step.")),
                ("taxes", models.JSONField(default=list, help_text="Each rate: what it is of, and what it comes to.")),
                ("shipping_address", models.JSONField(default=dict)),
                ("is_gift", models.BooleanField(default=False)),
                ("gift_message", models.TextField(blank=True)),
                ("is_anonymous", models.BooleanField(default=False)),
                ("is_disputed", models.BooleanField(default=False)),
                ("group", models.UUIDField(blank=True, null=True)),
                (
                    "reference",
                    models.CharField(
                        blank=True, help_text="The order's name in the system it was imported from.", max_length=40
                    ),
                ),
                ("carrier", models.CharField(blank=True, max_length=80)),
                ("tracking_number", models.CharField(blank=True, max_length=120)),
                ("hold_expires_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("placed_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("under_review_at", models.DateTimeField(blank=True, null=True)),
                ("pending_at", models.DateTimeField(blank=True, null=True)),
                ("processing_at", models.DateTimeField(blank=True, null=True)),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
                ("shipped_at", models.DateTimeField(blank=True, null=True)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("rejected_at", models.DateTimeField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-placed_at", "-number"], name="order_newest"),
                    models.Index(fields=["status", "-placed_at"], name="order_by_status"),
                    models.Index(fields=["user", "-placed_at"], name="order_by_user"),
                    models.Index(fields=["email"], name="order_by_email", opclasses=["varchar_pattern_ops"]),
                    models.Index(
                        condition=models.Q(
                            ("hold_expires_at__isnull", False), ("status__in", ["pending", "under_review"])
                        ),
                        fields=["hold_expires_at"],
                        name="order_hold_expiry",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("total__gte", 0)), name="order_total_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "under_review",
                                    "pending",
                                    "processing",
                                    "processed",
                                    "shipped",
                                    "delivered",
                                    "cancelled",
                                    "rejected",
                                    "returned",
                                ],
                            )
                        ),
                        name="order_status_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        fields=("reference",),
                        name="order_imported_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True, choices=[("consumed", "Consumed"), ("released", "Released")], max_length=10
                    ),
                ),
                (
                    "stock_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="catalog.stockitem"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="orders.order"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("order", "stock_item"), name="hold_open_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="hold_quantity_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("outcome", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="hold_outcome_when_ended",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("sku", models.CharField(max_length=64, verbose_name="SKU")),
                ("quantity", models.PositiveIntegerField()),
                ("unit_price", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("stages", models.JSONField(default=list, help_text="How the unit price came about, stage by stage.")),
                ("surcharges", models.JSONField(default=list)),
                ("once", fantasize.core.fields.MoneyField(decimal_places=3, default=0, max_digits=14)),
                ("line_total", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                (
                    "discount",
                    fantasize.core.fields.MoneyField(db_default=0, decimal_places=3, default=0, max_digits=14),
                ),
                ("tax", fantasize.core.fields.MoneyField(db_default=0, decimal_places=3, default=0, max_digits=14)),
                (
                    "tax_included",
                    fantasize.core.fields.MoneyField(db_default=0, decimal_places=3, default=0, max_digits=14),
                ),
                ("tax_class", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ("parts", models.JSONField(default=list)),
                ("customizations", models.JSONField(default=list)),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.order"
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="catalog.package"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="catalog.product"
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["customizations"], name="order_line_customizations", opclasses=["jsonb_path_ops"]
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "position"), name="order_line_position_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="order_line_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("product", None), ("package", None), _connector="OR"),
                        name="order_line_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "method",
                    models.CharField(
                        choices=[("hosted", "Hosted page"), ("cash_on_delivery", "Cash on delivery")], max_length=20
                    ),
                ),
                ("gateway", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
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
                ("amount", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("refunded", fantasize.core.fields.MoneyField(decimal_places=3, default=0, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("captured_at", models.DateTimeField(blank=True, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="orders.order"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="payment_amount_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("refunded__gte", 0), ("refunded__lte", models.F("amount"))),
                        name="payment_refunded_within_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "paid", "failed", "expired", "partially_refunded", "refunded"])
                        ),
                        name="payment_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("captured_at", None), ("refunded", 0), ("state__in", ("pending", "failed", "expired"))
                            ),
                            models.Q(
                                ("captured_at__isnull", False),
                                models.Q(("state__in", ("pending", "failed", "expired")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="payment_captured_as_its_state_says",
                    ),
                ],
            },
        ),
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
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payment_sessions", to="orders.order"
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="session", to="orders.payment"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["created_at"], name="payment_session_unsettled"
                    ),
                    models.Index(
                        condition=models.Q(("payment_ref", ""), _negated=True),
                        fields=["payment_ref"],
                        name="payment_session_by_payment",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("provider_id", ""), _negated=True),
                        fields=("gateway", "provider_id"),
                        name="payment_session_opened_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)), fields=("order",), name="payment_session_one_open"
                    ),
                ],
            },
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
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="orders.payment"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "pending")), fields=["created_at"], name="refund_pending")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "failed"), _negated=True),
                        fields=("payment", "key"),
                        name="refund_once_under_its_key",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("state", "pending")),
                            models.Q(("settled_at__isnull", False), models.Q(("state", "pending"), _negated=True)),
                            _connector="OR",
                        ),
                        name="refund_settled_when_not_pending",
                    ),
                ],
            },
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
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("is_failed", True), ("is_paid", True), _negated=True),
                        name="sandbox_session_one_outcome",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ShippingMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), blank=True, default=list, size=None
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("flat", "The same for every parcel"),
                            ("by_weight", "By weight"),
                            ("by_total", "By what the goods cost"),
                        ],
                        default="flat",
                        max_length=10,
                    ),
                ),
                ("price", fantasize.core.fields.MoneyField(blank=True, decimal_places=3, max_digits=14, null=True)),
                (
                    "free_above",
                    fantasize.core.fields.MoneyField(blank=True, decimal_places=3, max_digits=14, null=True),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "tax_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipping_methods",
                        to="catalog.taxclass",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["flat", "by_weight", "by_total"])),
                        name="shippingmethod_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "flat"), ("price__gte", 0), ("price__isnull", False)),
                            models.Q(models.Q(("kind", "flat"), _negated=True), ("price", None)),
                            _connector="OR",
                        ),
                        name="shippingmethod_price_if_flat",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("free_above", None), ("free_above__gte", 0), _connector="OR"),
                        name="shippingmethod_free_above_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShippingBand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minimum", models.DecimalField(decimal_places=3, max_digits=14)),
                ("price", fantasize.core.fields.MoneyField(blank=True, decimal_places=3, max_digits=14, null=True)),
                (
                    "method",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bands", to="orders.shippingmethod"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("method", "minimum"), name="shippingband_once"),
                    models.CheckConstraint(
                        condition=models.Q(("minimum__gte", 0)), name="shippingband_minimum_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price", None), ("price__gte", 0), _connector="OR"),
                        name="shippingband_price_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("country", models.CharField(max_length=2)),
                ("region", models.CharField(blank=True, max_length=100)),
                ("percent", models.DecimalField(decimal_places=3, max_digits=6)),
                ("is_included", models.BooleanField(default=False, verbose_name="prices contain it")),
                (
                    "tax_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rates", to="catalog.taxclass"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("tax_class"),
                        models.F("country"),
                        django.db.models.functions.text.Upper("region"),
                        name="taxrate_once_per_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gte", 0), ("percent__lte", 100)),
                        name="taxrate_percent_is_percent",
                    ),
                ],
            },
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
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="orders.paymentsession",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["received_at"], name="webhook_event_waiting"
                    ),
                    models.Index(fields=["-received_at"], name="webhook_event_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("gateway", "event_id"), name="webhook_event_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "processed", "ignored", "flagged"])),
                        name="webhook_event_state_known",
                    ),
                ],
            },
        ),
    ]
