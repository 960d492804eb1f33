"""django-allauth: second factors, passkeys, and who Google and Facebook say somebody is."""

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

GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
FACEBOOK_CLIENT_ID = env.str("FACEBOOK_CLIENT_ID", default="")
FIREBASE_PROJECT_ID = env.str("FIREBASE_PROJECT_ID", default="")

SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
