"""Links."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0003_special_requests")]

    operations: ClassVar = []
