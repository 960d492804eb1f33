"""When a review was changed: whoever moderates it must have seen what they decide about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_similar_words")]

    operations = [
        migrations.AddField("review", "edited_at", models.DateTimeField(blank=True, null=True)),
    ]
