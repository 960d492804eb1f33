from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customizations", "0002_versions_append_only")]

    operations = [
        migrations.AddIndex(
            "customizationtemplate", GinIndex(SearchVector("name", config="simple"), name="template_words")
        ),
        migrations.AddIndex(
            "customizationtemplate", models.Index(fields=["-updated_at", "-id"], name="template_by_change")
        ),
    ]
