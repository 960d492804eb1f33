"""Settings that hold everywhere. Each integration has its own file under ``parts``."""

from fantasize.settings.env import BASE_DIR, DATA_DIR, IS_PRODUCTION, env, secret
from fantasize.settings.parts.allauth import *  # noqa: F403 - a settings part is its names
from fantasize.settings.parts.api import *  # noqa: F403 - as above
from fantasize.settings.parts.auth import *  # noqa: F403 - as above
from fantasize.settings.parts.cache import *  # noqa: F403 - as above
from fantasize.settings.parts.database import *  # noqa: F403 - as above
from fantasize.settings.parts.factory import *  # noqa: F403 - as above
from fantasize.settings.parts.logging import *  # noqa: F403 - as above
from fantasize.settings.parts.mail import *  # noqa: F403 - as above
from fantasize.settings.parts.outgoing import *  # noqa: F403 - as above
from fantasize.settings.parts.payments import *  # noqa: F403 - as above
from fantasize.settings.parts.security import *  # noqa: F403 - as above
from fantasize.settings.parts.shop import *  # noqa: F403 - as above
from fantasize.settings.parts.unfold import *  # noqa: F403 - as above

DEBUG = False
SECRET_KEY = secret("SECRET_KEY")
# Keys of before: what they have signed and sealed is still accepted.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ROOT_URLCONF = "fantasize.urls"
WSGI_APPLICATION = "fantasize.wsgi.application"
ASGI_APPLICATION = "fantasize.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # Its other configuration puts a site of its own in place of ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "fantasize.admin.apps.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "corsheaders",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.facebook",
    "rest_framework_api_key",
    "procrastinate.contrib.django",
    "channels",
    "fantasize.core",
    "fantasize.embedded",
    "fantasize.api",
    "fantasize.observability",
    "accounts",
    "catalog",
    "customizations",
    "orders",
    "notifications",
    "realtime",
]

MIDDLEWARE = [
    "fantasize.observability.middleware.RequestIdMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fantasize.core.api.middleware.ApiMiddleware",
    "fantasize.core.api.caching.CacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
# Paths answer with and without a trailing slash themselves; a redirect would lose a POST's body.
APPEND_SLASH = False

STATIC_URL = "/static/"
# Development serves what the apps hold; production serves what collectstatic has gathered.
STATIC_ROOT = DATA_DIR / "static" if IS_PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# An empty value is as good as none.
_PORT = env.str("PORT", default="") or env.str("APP_PORT", default="") or "5000"
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="") or f"http://localhost:{_PORT}"
