"""Synonyms, the words of the catalogue, and indexes of what things are called and of what is on offer."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models import F, Func, Q

# What a thing is called, by whom it is and where it stands, without its description. ts_filter takes some microseconds a
# row, which it does not tell: by its word PostgreSQL would rather filter the whole table than use an index on it.
_NAMES = """
CREATE FUNCTION catalog_names_in(document tsvector) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2000
    AS $$ BEGIN RETURN ts_filter(document, '{a,b,c}'); END $$;
"""


def _names(model: str) -> migrations.AddIndex:
    expression = Func(F("search"), function="catalog_names_in")
    return migrations.AddIndex(
        model, django.contrib.postgres.indexes.GinIndex(expression, name=f"{model}_search_names")
    )


def _on_offer(model: str) -> migrations.AddIndex:
    condition = Q(is_active=True, price__lt=F("list_price"))
    return migrations.AddIndex(
        model, models.Index(condition=condition, fields=["-sales_count", "-id"], name=f"{model}_on_offer")
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_rules_across_rows")]

    operations = [
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
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["grams"], name="search_word_grams"),
                ],
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
        migrations.RunSQL(_NAMES, "DROP FUNCTION catalog_names_in(tsvector);"),
        _names("product"),
        _names("package"),
        _on_offer("product"),
        _on_offer("package"),
    ]
