"""Ways to send orders, tax rates, and what an order keeps of both and of its coupon."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import fantasize.core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0013_weight_and_tax_class"),
        ("orders", "0005_cart"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="coupon",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="order",
            name="shipping_method",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="order",
            name="stages",
            field=models.JSONField(default=list, help_text="How the total came about, step by step."),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_included_total",
            field=fantasize.core.fields.MoneyField(
                decimal_places=3, default=0, help_text="What the prices contain.", max_digits=14
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="taxes",
            field=models.JSONField(default=list, help_text="Each rate: what it is of, and what it comes to."),
        ),
        migrations.AddField(
            model_name="orderline",
            name="discount",
            field=fantasize.core.fields.MoneyField(db_default=0, decimal_places=3, default=0, max_digits=14),
        ),
        migrations.AddField(
            model_name="orderline",
            name="tax",
            field=fantasize.core.fields.MoneyField(db_default=0, decimal_places=3, default=0, max_digits=14),
        ),
        migrations.AddField(
            model_name="orderline",
            name="tax_class",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="orderline",
            name="tax_included",
            field=fantasize.core.fields.MoneyField(db_default=0, decimal_places=3, default=0, max_digits=14),
        ),
        migrations.AlterField(
            model_name="order",
            name="tax_total",
            field=fantasize.core.fields.MoneyField(
                decimal_places=3, default=0, help_text="What comes on top of the prices.", max_digits=14
            ),
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
        ),
        migrations.AddConstraint(
            model_name="shippingmethod",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["flat", "by_weight", "by_total"])), name="shippingmethod_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="shippingmethod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "flat"), ("price__gte", 0), ("price__isnull", False)),
                    models.Q(models.Q(("kind", "flat"), _negated=True), ("price", None)),
                    _connector="OR",
                ),
                name="shippingmethod_price_if_flat",
            ),
        ),
        migrations.AddConstraint(
            model_name="shippingmethod",
            constraint=models.CheckConstraint(
                condition=models.Q(("free_above", None), ("free_above__gte", 0), _connector="OR"),
                name="shippingmethod_free_above_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="shippingband",
            constraint=models.UniqueConstraint(fields=("method", "minimum"), name="shippingband_once"),
        ),
        migrations.AddConstraint(
            model_name="shippingband",
            constraint=models.CheckConstraint(
                condition=models.Q(("minimum__gte", 0)), name="shippingband_minimum_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="shippingband",
            constraint=models.CheckConstraint(
                condition=models.Q(("price", None), ("price__gte", 0), _connector="OR"),
                name="shippingband_price_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxrate",
            constraint=models.UniqueConstraint(
                models.F("tax_class"),
                models.F("country"),
                django.db.models.functions.text.Upper("region"),
                name="taxrate_once_per_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__gte", 0), ("percent__lte", 100)), name="taxrate_percent_is_percent"
            ),
        ),
    ]
