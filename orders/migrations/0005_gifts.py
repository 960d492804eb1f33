"""Gifts."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0004_links")]

    operations: ClassVar = []
