from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import fantasize.core.clock
import fantasize.core.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Brand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("slug", models.SlugField(max_length=140, unique=True)),
                ("position", models.PositiveIntegerField(db_index=True, default=0)),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Material",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("slug", models.SlugField(max_length=140, unique=True)),
                ("position", models.PositiveIntegerField(db_index=True, default=0)),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Synonym",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "words",
                    models.CharField(
                        help_text="Words or phrases of up to four words, with commas between them: mug, cup, tea cup.",
                        max_length=500,
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("slug", models.SlugField(max_length=140, unique=True)),
                ("position", models.PositiveIntegerField(db_index=True, default=0)),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(max_length=140, unique=True)),
                ("position", models.PositiveIntegerField(db_index=True, default=0)),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="catalog.category",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "categories",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent", None), models.Q(("parent", models.F("id")), _negated=True), _connector="OR"
                        ),
                        name="category_not_its_own_parent",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Coupon",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("percent", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("amount", fantasize.core.fields.MoneyField(blank=True, decimal_places=3, max_digits=14, null=True)),
                ("starts_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now, editable=False)),
                ("code", models.CharField(max_length=40)),
                ("min_total", fantasize.core.fields.MoneyField(decimal_places=3, default=0, max_digits=14)),
                ("max_uses", models.PositiveIntegerField(blank=True, null=True)),
                ("max_uses_per_customer", models.PositiveIntegerField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__isnull", True), ("percent__isnull", False)),
                            models.Q(("amount__isnull", False), ("percent__isnull", True)),
                            _connector="OR",
                        ),
                        name="coupon_percent_or_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent", None), models.Q(("percent__gt", 0), ("percent__lte", 100)), _connector="OR"
                        ),
                        name="coupon_percent_is_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount", None), ("amount__gt", 0), _connector="OR"),
                        name="coupon_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                        name="coupon_ends_after_start",
                    ),
                    models.UniqueConstraint(django.db.models.functions.text.Upper("code"), name="coupon_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("min_total__gte", 0)), name="coupon_min_total_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_uses", None), ("max_uses__gte", 1), _connector="OR"),
                        name="coupon_uses_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_uses_per_customer", None), ("max_uses_per_customer__gte", 1), _connector="OR"
                        ),
                        name="coupon_uses_per_customer_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CouponRedemption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=64)),
                ("customer", models.CharField(max_length=320)),
                ("amount", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                (
                    "coupon",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="redemptions", to="catalog.coupon"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("released_at", None)),
                        fields=["coupon", "customer"],
                        name="couponredemption_by_customer",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at", None)),
                        fields=("reference",),
                        name="couponredemption_one_per_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("frequency", models.PositiveIntegerField(default=1)),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=3), size=None),
                ),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["grams"], name="search_word_grams")],
            },
        ),
        migrations.CreateModel(
            name="StockItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on_hand", models.PositiveIntegerField(default=0)),
                ("held", models.PositiveIntegerField(default=0)),
                (
                    "low_stock_at",
                    models.PositiveIntegerField(
                        default=5, help_text="At or below this many available pieces, stock is running low."
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("on_hand__gte", 0)), name="stock_on_hand_not_negative"),
                    models.CheckConstraint(condition=models.Q(("held__gte", 0)), name="stock_held_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("held__lte", models.F("on_hand"))), name="stock_held_within_on_hand"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockMovement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("delta", models.IntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("opening", "Opening stock"),
                            ("sale", "Sale"),
                            ("restock", "Taken back into stock"),
                            ("return", "Return"),
                            ("correction", "Correction"),
                            ("import", "Import"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, help_text="Order number, import or correction that caused it.", max_length=80
                    ),
                ),
                ("actor", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=fantasize.core.clock.now)),
                (
                    "stock_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="catalog.stockitem"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["stock_item", "-at"], name="stock_movement_history")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("delta", 0), _negated=True), name="stock_movement_moves")
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxClass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("is_default", models.BooleanField(default=False, verbose_name="default")),
            ],
            options={
                "verbose_name_plural": "tax classes",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="taxclass_one_default",
                        violation_error_message="Another class is the default one.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Package",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=64, unique=True, verbose_name="SKU")),
                ("name", models.CharField(max_length=200)),
                ("slug", models.SlugField(max_length=220, unique=True)),
                ("description", models.TextField(blank=True)),
                ("list_price", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("price", fantasize.core.fields.MoneyField(decimal_places=3, editable=False, max_digits=14)),
                ("price_changes_at", models.DateTimeField(editable=False, null=True)),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("has_options", models.BooleanField(default=False, editable=False)),
                ("rating_sum", models.PositiveIntegerField(default=0, editable=False)),
                ("rating_count", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "rating_average",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                rating_count__gt=0,
                                then=django.db.models.functions.math.Round(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("rating_sum"), "*", models.Value(Decimal("1.0"))
                                        ),
                                        "/",
                                        models.F("rating_count"),
                                    ),
                                    precision=2,
                                ),
                            ),
                            default=models.Value(Decimal(0)),
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=3),
                    ),
                ),
                ("sales_count", models.PositiveIntegerField(default=0, editable=False)),
                ("search", django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                (
                    "names",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("search"),
                            function="ts_filter",
                            template="%(function)s(%(expressions)s, '{a,b,c}')",
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(null=True),
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=fantasize.core.clock.now, editable=False)),
                ("own_price", fantasize.core.fields.MoneyField(blank=True, decimal_places=3, max_digits=14, null=True)),
                (
                    "percent_off",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(Decimal(100)),
                        ],
                    ),
                ),
                (
                    "parts_total",
                    fantasize.core.fields.MoneyField(decimal_places=3, default=0, editable=False, max_digits=14),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="catalog.category",
                    ),
                ),
                (
                    "tax_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="catalog.taxclass",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="package_search"),
                    django.contrib.postgres.indexes.GinIndex(fields=["names"], name="package_names"),
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["-created_at", "-id"], name="package_newest"
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["price", "id"], name="package_by_price"
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["name", "id"], name="package_by_name"
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)),
                        fields=["-rating_average", "-rating_count", "-id"],
                        name="package_best_rated",
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)),
                        fields=["-sales_count", "-id"],
                        name="package_best_selling",
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True), ("price__lt", models.F("list_price"))),
                        fields=["-sales_count", "-id"],
                        name="package_on_offer",
                    ),
                    models.Index(
                        condition=models.Q(("price_changes_at__isnull", False)),
                        fields=["price_changes_at"],
                        name="package_price_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("list_price__gte", 0)), name="package_price_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0), ("price__lte", models.F("list_price"))),
                        name="package_price_within_list_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rating_sum__gte", models.F("rating_count")),
                            (
                                "rating_sum__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("rating_count"), "*", models.Value(5)
                                ),
                            ),
                        ),
                        name="package_rating_from_1_to_5",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("own_price__isnull", False), ("percent_off__isnull", True)),
                            models.Q(("own_price__isnull", True), ("percent_off__isnull", False)),
                            _connector="OR",
                        ),
                        name="package_one_kind_of_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("own_price", None), ("own_price__gte", 0), _connector="OR"),
                        name="package_own_price_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent_off", None),
                            models.Q(("percent_off__gte", 0), ("percent_off__lte", 100)),
                            _connector="OR",
                        ),
                        name="package_percent_off_is_percent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=64, unique=True, verbose_name="SKU")),
                ("name", models.CharField(max_length=200)),
                ("slug", models.SlugField(max_length=220, unique=True)),
                ("description", models.TextField(blank=True)),
                ("list_price", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("price", fantasize.core.fields.MoneyField(decimal_places=3, editable=False, max_digits=14)),
                ("price_changes_at", models.DateTimeField(editable=False, null=True)),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("has_options", models.BooleanField(default=False, editable=False)),
                ("rating_sum", models.PositiveIntegerField(default=0, editable=False)),
                ("rating_count", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "rating_average",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                rating_count__gt=0,
                                then=django.db.models.functions.math.Round(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("rating_sum"), "*", models.Value(Decimal("1.0"))
                                        ),
                                        "/",
                                        models.F("rating_count"),
                                    ),
                                    precision=2,
                                ),
                            ),
                            default=models.Value(Decimal(0)),
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=3),
                    ),
                ),
                ("sales_count", models.PositiveIntegerField(default=0, editable=False)),
                ("search", django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                (
                    "names",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("search"),
                            function="ts_filter",
                            template="%(function)s(%(expressions)s, '{a,b,c}')",
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(null=True),
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=fantasize.core.clock.now, editable=False)),
                ("weight_grams", models.PositiveIntegerField(db_default=0, default=0, verbose_name="weight in grams")),
                (
                    "brand",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="catalog.brand",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="catalog.category",
                    ),
                ),
                (
                    "stock",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="product", to="catalog.stockitem"
                    ),
                ),
                ("tags", models.ManyToManyField(blank=True, related_name="products", to="catalog.tag")),
                (
                    "tax_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="catalog.taxclass",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="product_search"),
                    django.contrib.postgres.indexes.GinIndex(fields=["names"], name="product_names"),
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["-created_at", "-id"], name="product_newest"
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["price", "id"], name="product_by_price"
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["name", "id"], name="product_by_name"
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)),
                        fields=["-rating_average", "-rating_count", "-id"],
                        name="product_best_rated",
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)),
                        fields=["-sales_count", "-id"],
                        name="product_best_selling",
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True), ("price__lt", models.F("list_price"))),
                        fields=["-sales_count", "-id"],
                        name="product_on_offer",
                    ),
                    models.Index(
                        condition=models.Q(("price_changes_at__isnull", False)),
                        fields=["price_changes_at"],
                        name="product_price_due",
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)),
                        fields=["category", "-created_at", "-id"],
                        name="product_in_category",
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)),
                        fields=["brand", "-created_at", "-id"],
                        name="product_of_brand",
                    ),
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["stock", "id"], name="product_by_stock"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("list_price__gte", 0)), name="product_price_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0), ("price__lte", models.F("list_price"))),
                        name="product_price_within_list_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rating_sum__gte", models.F("rating_count")),
                            (
                                "rating_sum__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("rating_count"), "*", models.Value(5)
                                ),
                            ),
                        ),
                        name="product_rating_from_1_to_5",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PriceBreak",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("min_quantity", models.PositiveIntegerField()),
                ("percent", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                (
                    "unit_price",
                    fantasize.core.fields.MoneyField(blank=True, decimal_places=3, max_digits=14, null=True),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "package",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_breaks",
                        to="catalog.package",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="price_breaks",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("package__isnull", True), ("product__isnull", False)),
                            models.Q(("package__isnull", False), ("product__isnull", True)),
                            _connector="OR",
                        ),
                        name="pricebreak_one_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("percent__isnull", False), ("unit_price__isnull", True)),
                            models.Q(("percent__isnull", True), ("unit_price__isnull", False)),
                            _connector="OR",
                        ),
                        name="pricebreak_percent_or_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent", None), models.Q(("percent__gt", 0), ("percent__lte", 100)), _connector="OR"
                        ),
                        name="pricebreak_percent_is_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit_price", None), ("unit_price__gte", 0), _connector="OR"),
                        name="pricebreak_price_not_negative",
                    ),
                    models.CheckConstraint(condition=models.Q(("min_quantity__gte", 2)), name="pricebreak_from_two"),
                    models.UniqueConstraint(fields=("product", "min_quantity"), name="pricebreak_once_per_product"),
                    models.UniqueConstraint(fields=("package", "min_quantity"), name="pricebreak_once_per_package"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PackageItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="catalog.package"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="package_items", to="catalog.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("package", "product"), name="package_item_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="package_item_quantity_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("percent", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("amount", fantasize.core.fields.MoneyField(blank=True, decimal_places=3, max_digits=14, null=True)),
                ("starts_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now, editable=False)),
                ("name", models.CharField(max_length=120)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("categories", models.ManyToManyField(blank=True, related_name="offers", to="catalog.category")),
                ("packages", models.ManyToManyField(blank=True, related_name="offers", to="catalog.package")),
                ("products", models.ManyToManyField(blank=True, related_name="offers", to="catalog.product")),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["starts_at", "ends_at"], name="offer_window"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__isnull", True), ("percent__isnull", False)),
                            models.Q(("amount__isnull", False), ("percent__isnull", True)),
                            _connector="OR",
                        ),
                        name="offer_percent_or_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent", None), models.Q(("percent__gt", 0), ("percent__lte", 100)), _connector="OR"
                        ),
                        name="offer_percent_is_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount", None), ("amount__gt", 0), _connector="OR"),
                        name="offer_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                        name="offer_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="catalog.package",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("package__isnull", True), ("product__isnull", False)),
                            models.Q(("package__isnull", False), ("product__isnull", True)),
                            _connector="OR",
                        ),
                        name="favourite_one_target",
                    ),
                    models.UniqueConstraint(fields=("user", "product"), name="favourite_once"),
                    models.UniqueConstraint(fields=("user", "package"), name="favourite_once_per_package"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductMaterial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("percent", models.DecimalField(decimal_places=2, max_digits=5)),
                (
                    "material",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="catalog.material"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="material_shares",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("product", "material"), name="product_material_once"),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gt", 0), ("percent__lte", 100)), name="product_material_share"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductMedia",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("image", "Image"), ("video", "Video")], max_length=5)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("processing", "Being prepared"),
                            ("ready", "Ready"),
                            ("failed", "Could not be prepared"),
                        ],
                        default="processing",
                        max_length=10,
                    ),
                ),
                ("alt", models.CharField(blank=True, max_length=200, verbose_name="alternative text")),
                ("position", models.PositiveIntegerField(db_index=True, default=0)),
                ("file", models.FileField(max_length=200, upload_to="")),
                ("content_type", models.CharField(max_length=20)),
                ("width", models.PositiveIntegerField(null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("renditions", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                (
                    "category",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="image",
                        to="catalog.category",
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="media",
                        to="catalog.package",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="media",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "media",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("category__isnull", True), ("package__isnull", True), ("product__isnull", False)),
                            models.Q(("category__isnull", True), ("package__isnull", False), ("product__isnull", True)),
                            models.Q(("category__isnull", False), ("package__isnull", True), ("product__isnull", True)),
                            _connector="OR",
                        ),
                        name="media_one_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["image", "video"])), name="media_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["processing", "ready", "failed"])), name="media_state_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rating", models.PositiveSmallIntegerField()),
                ("text", models.TextField(blank=True, max_length=4000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for moderation"),
                            ("published", "Published"),
                            ("rejected", "Rejected"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("moderated_by", models.CharField(blank=True, max_length=120)),
                ("moderated_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                (
                    "package",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="catalog.package",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="catalog.product",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["product", "-created_at"], name="review_of_product"),
                    models.Index(fields=["package", "-created_at"], name="review_of_package"),
                    models.Index(condition=models.Q(("state", "pending")), fields=["created_at"], name="review_queue"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("package__isnull", True), ("product__isnull", False)),
                            models.Q(("package__isnull", False), ("product__isnull", True)),
                            _connector="OR",
                        ),
                        name="review_one_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rating__gte", 1), ("rating__lte", 5)), name="review_one_to_five_stars"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "published", "rejected"])),
                        name="review_state_known",
                    ),
                    models.UniqueConstraint(fields=("user", "product"), name="review_once_per_product"),
                    models.UniqueConstraint(fields=("user", "package"), name="review_once_per_package"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(help_text="The order that brought it.", max_length=64)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                (
                    "package",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_grants",
                        to="catalog.package",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_grants",
                        to="catalog.product",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("package__isnull", True), ("product__isnull", False)),
                            models.Q(("package__isnull", False), ("product__isnull", True)),
                            _connector="OR",
                        ),
                        name="reviewgrant_one_target",
                    ),
                    models.UniqueConstraint(fields=("user", "product"), name="reviewgrant_once_per_product"),
                    models.UniqueConstraint(fields=("user", "package"), name="reviewgrant_once_per_package"),
                ],
            },
        ),
        migrations.AddField(
            model_name="package",
            name="products",
            field=models.ManyToManyField(related_name="packages", through="catalog.PackageItem", to="catalog.product"),
        ),
        migrations.AddField(
            model_name="product",
            name="materials",
            field=models.ManyToManyField(
                related_name="products", through="catalog.ProductMaterial", to="catalog.material"
            ),
        ),
    ]
