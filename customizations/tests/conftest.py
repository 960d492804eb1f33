"""What many tests of customizations begin with."""

from fantasize.tests.managers import built_manager, manager

__all__ = ["built_manager", "manager"]
