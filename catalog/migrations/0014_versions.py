"""Rows that staff write count their changes, so that a write can name the one it acts on."""

from django.db import migrations, models

_ROWS = ("brand", "category", "material", "pricebreak", "tag")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_weight_and_tax_class")]

    operations = [
        migrations.AddField(name, "version", models.PositiveIntegerField(db_default=1, default=1, editable=False))
        for name in _ROWS
    ]
