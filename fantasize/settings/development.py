"""Settings for a developer's machine and for trying the shop out."""

from fantasize.settings.base import *  # noqa: F403 - a settings module is its names
