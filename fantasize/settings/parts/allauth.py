"""django-allauth: second factors, passkeys, and who Google, Facebook and Firebase say somebody is."""

from typing import Any

from fantasize.settings.env import IS_PRODUCTION, env

# We keep one address per account and send our own codes; nothing of allauth's own pages is routed.
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"

MFA_SUPPORTED_TYPES = ["totp", "webauthn"]
MFA_TOTP_ISSUER = "Fantasize"
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers allow passkeys on http://localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION
MFA_ADAPTER = "accounts.auth.second_factor.SecondFactorAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.auth.social.SocialAdapter"

# Whose tokens count. A provider without its names is not offered.
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
FACEBOOK_CLIENT_ID = env.str("FACEBOOK_CLIENT_ID", default="")
FACEBOOK_CLIENT_SECRET = env.str("FACEBOOK_CLIENT_SECRET", default="")
FIREBASE_PROJECT_ID = env.str("FIREBASE_PROJECT_ID", default="")

# Where the providers are; a stand-in may take their place.
_CERTIFICATES = "https://www.googleapis.com"
GOOGLE_ISSUER_URL = env.str("GOOGLE_ISSUER_URL", default="https://accounts.google.com")
GOOGLE_CERTS_URL = env.str("GOOGLE_CERTS_URL", default=f"{_CERTIFICATES}/oauth2/v1/certs")
FACEBOOK_GRAPH_URL = env.str("FACEBOOK_GRAPH_URL", default="https://graph.facebook.com/v19.0")
FIREBASE_ISSUER_URL = env.str("FIREBASE_ISSUER_URL", default="https://securetoken.google.com")
FIREBASE_CERTS_URL = env.str(
    "FIREBASE_CERTS_URL",
    default=f"{_CERTIFICATES}/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com",
)

SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "google": {"ID_TOKEN_ISSUER": GOOGLE_ISSUER_URL, "CERTS_URL": GOOGLE_CERTS_URL},
    "facebook": {
        "GRAPH_API_URL": FACEBOOK_GRAPH_URL,
        "FIELDS": ["id", "email", "first_name", "last_name", "picture.width(512).height(512)"],
        # The app's token is as good as its secret, and has no business in Redis.
        "APP_TOKEN_CACHE_TIMEOUT": 0,
    },
}


def _name_of(account: Any) -> str:
    """An identity as the admin names it."""
    return f"{account.provider} {account.uid}"


SOCIALACCOUNT_SOCIALACCOUNT_STR = _name_of
