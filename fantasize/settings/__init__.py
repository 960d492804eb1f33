"""Settings, chosen by ``DJANGO_ENV`` (development, test or production)."""

import django_stubs_ext

from fantasize.settings.env import ENVIRONMENT, Environment

# Makes Django's generic classes subscriptable at run time, as their types are.
django_stubs_ext.monkeypatch()

if ENVIRONMENT is Environment.PRODUCTION:
    from fantasize.settings.production import *  # noqa: F403 - a settings module is its names
elif ENVIRONMENT is Environment.TEST:
    from fantasize.settings.test import *  # noqa: F403 - as above
else:
    from fantasize.settings.development import *  # noqa: F403 - as above
