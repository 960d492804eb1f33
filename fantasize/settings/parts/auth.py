"""Who people are and how they prove it."""

from datetime import timedelta

from fantasize.settings.env import env, secret

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.auth.EmailOrUsernameBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", default="optional")
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
