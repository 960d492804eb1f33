"""Settings, chosen by ``DJANGO_ENV`` (development, test or production)."""

import gc

import django_stubs_ext

from fantasize.settings.env import ENVIRONMENT, Environment

# Makes Django's generic classes subscriptable at run time, as their types are.
django_stubs_ext.monkeypatch()

# What is loaded at the start stays: looking through it again and again for garbage is a fifth of the whole start.
gc.set_threshold(50_000)

if ENVIRONMENT is Environment.PRODUCTION:
    from fantasize.settings.production import *  # noqa: F403 - a settings module is its names
elif ENVIRONMENT is Environment.TEST:
    from fantasize.settings.test import *  # noqa: F403 - as above
else:
    from fantasize.settings.development import *  # noqa: F403 - as above
