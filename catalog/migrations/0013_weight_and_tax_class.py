"""What things weigh, and how they are taxed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0012_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="weight_grams",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="weight in grams"),
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
        migrations.AddField(
            model_name="package",
            name="tax_class",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="catalog.taxclass",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="tax_class",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="catalog.taxclass",
            ),
        ),
    ]
