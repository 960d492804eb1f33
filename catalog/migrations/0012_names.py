"""A column of its own for the words of names, in place of an index on a function, which had no honest price."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models
from django.db.models import F, Func

_NAMES = """
CREATE FUNCTION catalog_names_in(document tsvector) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2000
    AS $$ BEGIN RETURN ts_filter(document, '{a,b,c}'); END $$;
"""
_EXPRESSION = Func(F("search"), function="ts_filter", template="%(function)s(%(expressions)s, '{a,b,c}')")


def _column(model: str) -> list[migrations.operations.base.Operation]:
    names = models.GeneratedField(
        db_persist=True,
        expression=_EXPRESSION,
        output_field=django.contrib.postgres.search.SearchVectorField(null=True),
    )
    index = django.contrib.postgres.indexes.GinIndex(fields=["names"], name=f"{model}_names")
    return [
        migrations.RemoveIndex(model, f"{model}_search_names"),
        migrations.AddField(model, "names", names),
        migrations.AddIndex(model, index),
    ]


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_browse_indexes")]

    operations = [
        *_column("product"),
        *_column("package"),
        migrations.RunSQL("DROP FUNCTION catalog_names_in(tsvector);", _NAMES),
    ]
