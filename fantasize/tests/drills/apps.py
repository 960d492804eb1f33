"""Puts the faults in place, in every process of a shop that is drilled."""

from django.apps import AppConfig


class DrillsConfig(AppConfig):
    name = "fantasize.tests.drills"
    label = "drills"

    def ready(self) -> None:
        from fantasize.tests.drills import controls, kills  # noqa: PLC0415 - services need every app's models

        controls.install()
        kills.install()
