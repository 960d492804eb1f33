"""App configuration of notifications."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What people are told, and how it reaches them."""

    name = "notifications"
