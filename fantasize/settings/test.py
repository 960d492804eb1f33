"""Settings for the test suite: the real servers, nothing sent to anybody, cheap password hashes."""

import os

from fantasize.settings.base import *  # noqa: F403 - a settings module is its names
from fantasize.settings.base import DATABASES, LOGGING

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REGISTRATION_BEAT_SECONDS = 0.0
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A hundred threads share this one process and its pool: they wait for their turn, also for a row.
DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 60
DATABASES["default"]["OPTIONS"]["options"] += " -c lock_timeout=60000 -c statement_timeout=90000"
# A test is one transaction, which waits while what to ask next is made up.
DATABASES["default"]["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=0"
# Two runs at once must not share a database.
DATABASES["default"]["TEST"] = {"NAME": f"test_fantasize_{os.getpid()}"}
# A line in the log for each of so many calls would be written three times: to the console and twice for the report.
LOGGING = {**LOGGING, "level": os.environ.get("LOG_LEVEL", "WARNING")}
# Test clients have a new application whenever a setting has changed: it looks for a static file when one is asked for,
# and does not list them all at the start.
WHITENOISE_AUTOREFRESH = True
