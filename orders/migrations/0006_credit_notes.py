"""Credit notes."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0005_gifts")]

    operations: ClassVar = []
