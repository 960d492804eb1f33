"""Drafts."""

import uuid
from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import fantasize.core.clock
import fantasize.core.fields


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("orders", "0006_credit_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="DraftOrder",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("body", models.JSONField(default=dict)),
                ("note", models.TextField(blank=True, max_length=1000)),
                ("total", fantasize.core.fields.MoneyField(decimal_places=3, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("created_by", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("updated_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="order_drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draft",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft order",
                "indexes": [models.Index(fields=["-updated_at", "id"], name="draft_order_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("customer", None), ("email", ""), _connector="OR"),
                        name="draft_order_one_customer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("customer__isnull", False), models.Q(("email", ""), _negated=True), _connector="OR"
                        ),
                        name="draft_order_of_somebody",
                    ),
                ],
            },
        ),
    ]
