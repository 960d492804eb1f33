"""App configuration of customizations."""

from django.apps import AppConfig


class CustomizationsConfig(AppConfig):
    """Option templates, their rules and their renderer."""

    name = "customizations"
