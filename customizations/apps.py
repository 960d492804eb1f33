"""App configuration of customizations."""

from django.apps import AppConfig

from fantasize.core import grants


class CustomizationsConfig(AppConfig):
    """Option templates, their rules and their renderer."""

    name = "customizations"

    def ready(self) -> None:
        """Declare what managers may do here, what must always hold, and what is known about people."""
        from customizations.services import files, invariants, privacy, proofs  # noqa: PLC0415 - models are not loaded when this module is imported

        files.register()
        invariants.register()
        privacy.register()
        proofs.register()

        for model in ("customizationtemplate", "preset", "blockedword"):
            grants.declare(
                "manager", *(f"customizations.{verb}_{model}" for verb in ("view", "add", "change", "delete"))
            )
        grants.declare(
            "manager", *(f"customizations.view_{model}" for model in ("upload", "asset", "choicestock", "proof"))
        )
        grants.declare("manager", "customizations.add_asset", "customizations.view_templateversion")
