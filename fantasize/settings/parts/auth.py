"""Who people are and how they prove it."""

import os
from datetime import timedelta

from fantasize.settings.env import env, secret

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.auth.EmailOrUsernameBackend"]
PASSWORD_HASHERS = [
    "accounts.auth.hashers.Argon2Hasher",
    "accounts.auth.hashers.EarlierHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Passes, KiB of memory and lanes of one hash.
ARGON2 = (
    env.int("ARGON2_TIME_COST", default=2),
    env.int("ARGON2_MEMORY_COST", default=65536),
    env.int("ARGON2_PARALLELISM", default=1),
)
# Per process; together the web processes keep one core each busy. Whoever finds so many waiting is told to come
# back: a process has few threads, and most of them are for the catalogue.
_CORES_EACH = (os.cpu_count() or 1) // max(1, env.int("WEB_PROCESSES", default=2))
PASSWORD_HASHES_AT_ONCE = max(1, env.int("PASSWORD_HASHES_AT_ONCE", default=_CORES_EACH))
PASSWORD_HASHES_WAITING = max(0, env.int("PASSWORD_HASHES_WAITING", default=2))
# Registrations are answered at multiples of it: a hash fits into one, and what else was done does not show. 0: at once.
REGISTRATION_BEAT_SECONDS = max(0.0, env.float("REGISTRATION_BEAT_SECONDS", default=0.3))
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# mandatory: nobody signs in with an address that is not proven to be theirs; optional: they may.
EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", default="mandatory")
ONE_TIME_CODE_MINUTES = env.int("ONE_TIME_CODE_MINUTES", default=15)
ONE_TIME_CODE_TRIES = env.int("ONE_TIME_CODE_TRIES", default=5)
KNOWN_DEVICE_DAYS = 180
ACCESS_TOKEN_MINUTES = env.int("ACCESS_TOKEN_MINUTES", default=10)
LEGACY_ACCESS_TOKEN_MINUTES = 60
REFRESH_TOKEN_DAYS = 30

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=ACCESS_TOKEN_MINUTES),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": env.str("JWT_SECRET", default="") or secret("JWT_SIGNING_KEY"),
    "ISSUER": "fantasize",
    "AUDIENCE": "fantasize-api",
    "USER_ID_CLAIM": "sub",
    "USER_ID_FIELD": "id",
    "AUTH_HEADER_TYPES": ("Bearer",),
    "UPDATE_LAST_LOGIN": False,
}

LOGIN_URL = "admin:login"
