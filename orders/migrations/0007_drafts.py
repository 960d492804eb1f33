"""Drafts."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0006_credit_notes")]

    operations: ClassVar = []
