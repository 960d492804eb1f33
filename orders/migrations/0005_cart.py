import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import fantasize.core.clock
import fantasize.core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0012_names"),
        ("orders", "0004_customizations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
        ),
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(
                condition=models.Q(("guest", ""), _negated=True), fields=["guest"], name="cart_by_guest"
            ),
        ),
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(fields=["-changed_at", "-id"], name="cart_latest"),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("user", None), models.Q(("guest", ""), _negated=True)),
                    models.Q(("guest", ""), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="cart_of_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ordered_at", None)), fields=("user",), name="cart_one_open_per_user"
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ordered_at", None), models.Q(("guest", ""), _negated=True)),
                fields=("guest",),
                name="cart_one_open_per_guest",
            ),
        ),
        migrations.AddIndex(
            model_name="cartline",
            index=django.contrib.postgres.indexes.GinIndex(fields=["uploads"], name="cart_line_uploads"),
        ),
        migrations.AddConstraint(
            model_name="cartline",
            constraint=models.UniqueConstraint(fields=("cart", "fingerprint"), name="cart_line_once"),
        ),
        migrations.AddConstraint(
            model_name="cartline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1), ("quantity__lte", 1000)), name="cart_line_quantity_in_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="cartline",
            constraint=models.CheckConstraint(
                condition=models.Q(("product", None), ("package", None), _connector="OR"), name="cart_line_one_thing"
            ),
        ),
    ]
