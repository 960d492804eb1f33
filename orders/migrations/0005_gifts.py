"""Gifts, and orders that are sent in parts."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0004_links")]

    operations: ClassVar = [
        migrations.AddField("order", "recipient_name", models.CharField(blank=True, default="", max_length=150)),
        migrations.AddField("order", "recipient_email", models.EmailField(blank=True, default="", max_length=254)),
        migrations.AlterField(
            "order",
            "is_anonymous",
            models.BooleanField(default=False, help_text="The recipient never learns who bought it."),
        ),
        migrations.AddIndex(
            "order",
            models.Index(fields=["group"], name="order_by_group", condition=models.Q(group__isnull=False)),
        ),
    ]
