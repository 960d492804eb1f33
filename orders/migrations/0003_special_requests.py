"""Special requests."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0002_status_guard")]

    operations: ClassVar = []
