"""Blocked words."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("customizations", "0002_versions_append_only")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="BlockedWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(help_text="Case and accents do not count.", max_length=60, unique=True)),
            ],
        ),
    ]
