"""The shop's settings, with an app that lets things go wrong where and when a drill asks for it."""

from fantasize.settings import *  # noqa: F403 - a settings module is its names
from fantasize.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "fantasize.tests.drills.apps.DrillsConfig"]
