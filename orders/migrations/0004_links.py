"""Links."""

import uuid
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import fantasize.core.clock


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0003_special_requests")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="OrderLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("scope", models.CharField(choices=[("owner", "Owner"), ("recipient", "Recipient")], max_length=10)),
                ("token_sha256", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("created_by", models.CharField(max_length=120)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_by", models.CharField(blank=True, max_length=120)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="orders.order"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["owner", "recipient"])), name="order_link_scope_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))), name="order_link_expires_later"
                    ),
                ],
            },
        ),
    ]
