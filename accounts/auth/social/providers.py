"""Asking each provider whether a token is its own, meant for us, and fresh."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import structlog
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.facebook.provider import FacebookProvider
from allauth.socialaccount.providers.google.provider import GoogleProvider
from cryptography.x509 import load_pem_x509_certificate
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django_redis.exceptions import ConnectionInterrupted

from accounts.auth.social import keys
from accounts.auth.social.identity import Credential, Identity, email_in, name_in, picture_in
from accounts.auth.social.transport import unavailable
from accounts.enums import SignInMethod
from fantasize.core import clock
from fantasize.core.errors import NotFoundError, UnauthenticatedError

log = structlog.get_logger(__name__)

# Whatever a provider does, including a name server that never answers.
TOTAL_SECONDS = 8.0
# An ID token is shown at once; one that was found in a log an hour later is worth nothing.
MAX_AGE = timedelta(minutes=10)
_MAX_SUBJECT = 191
_ALGORITHM = "RS256"
# So many calls of one provider may be under way per process: one that hangs must not hang the shop.
_AT_ONCE = 8

# What allauth and PyJWT raise for tokens, and answers, that are not what they should be.
_NONSENSE = (
    ValidationError,
    ImproperlyConfigured,
    jwt.PyJWTError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    OverflowError,
)


def verify(credential: Credential) -> Identity:
    """Who the credential's provider says that somebody is. Calls the provider: hence no transaction around it.

    Raises:
        NotFoundError: ``provider_not_configured``.
        UnauthenticatedError: ``provider_token_invalid``.
        UnavailableError: ``provider_unavailable``, after ``TOTAL_SECONDS`` at most.
    """
    provider = credential.provider
    if not all(getattr(settings, name) for name in _NEEDED[provider]):
        raise NotFoundError(f"This shop has no sign-in with {provider.label}.", code="provider_not_configured")
    answer = _POOLS[provider].submit(copy_context().run, _VERIFIERS[provider], credential)
    try:
        return answer.result(timeout=TOTAL_SECONDS)
    except TimeoutError:
        answer.cancel()
        raise unavailable("total time") from None
    except _NONSENSE as error:
        log.info("accounts.provider_token_refused", provider=provider.value, error=type(error).__name__)
        raise invalid() from None
    except ConnectionInterrupted:
        # allauth keeps what it has seen in Redis.
        raise unavailable("Redis") from None


def invalid() -> UnauthenticatedError:
    """The refusal for every token that proves nothing."""
    return UnauthenticatedError(
        "The provider's token is not valid, not meant for this shop, too old, or has been used.",
        code="provider_token_invalid",
    )


def _google(credential: Credential) -> Identity:
    _certificate_of(credential.token, settings.GOOGLE_CERTS_URL)
    provider = GoogleProvider(None, app=SocialApp(provider="google", client_id=settings.GOOGLE_CLIENT_ID))
    login: SocialLogin = provider.verify_token(None, {"id_token": credential.token})
    return _identity_in("google", login.account.extra_data, credential)


def _firebase(credential: Credential) -> Identity:
    """By the rules of "Verify ID Tokens" in Firebase's manual; allauth knows no Firebase."""
    certificate = load_pem_x509_certificate(_certificate_of(credential.token, settings.FIREBASE_CERTS_URL).encode())
    project = settings.FIREBASE_PROJECT_ID
    claims = jwt.decode(
        credential.token,
        certificate.public_key(),  # type: ignore[arg-type] # an RSA key, or else PyJWT refuses it
        algorithms=[_ALGORITHM],
        audience=project,
        issuer=f"{settings.FIREBASE_ISSUER_URL}/{project}",
        options={"require": ["exp", "iat", "aud", "iss", "sub", "auth_time"]},
    )
    if _moment(claims["auth_time"]) > clock.now():
        raise invalid()
    return _identity_in(f"firebase:{project}", claims, credential)


def _facebook(credential: Credential) -> Identity:
    app = SocialApp(provider="facebook", client_id=settings.FACEBOOK_CLIENT_ID, secret=settings.FACEBOOK_CLIENT_SECRET)
    login: SocialLogin = FacebookProvider(None, app=app).verify_token(None, {"access_token": credential.token})
    person = login.account.extra_data
    picture = person.get("picture", {}).get("data", {})
    return Identity(
        issuer="facebook",
        subject=_subject(login.account.uid),
        # Facebook does not say whether it has ever verified the address.
        email=email_in(person.get("email")),
        first_name=name_in(person.get("first_name")),
        last_name=name_in(person.get("last_name")),
        picture="" if picture.get("is_silhouette") else picture_in(picture.get("url")),
    )


def _identity_in(issuer: str, claims: Mapping[str, Any], credential: Credential) -> Identity:
    """What the claims of a verified ID token say."""
    _require_fresh(claims)
    _require_nonce(claims, credential.nonce)
    first, _, last = name_in(claims.get("name")).partition(" ")
    return Identity(
        issuer=issuer,
        subject=_subject(claims["sub"]),
        email=email_in(claims.get("email")),
        # Nothing but true itself: "false" is a text, and not an empty one.
        is_email_verified=claims.get("email_verified") is True,
        first_name=name_in(claims.get("given_name", first)),
        last_name=name_in(claims.get("family_name", last)),
        picture=picture_in(claims.get("picture")),
        # Of what is signed: a lenient library may take one signature in several spellings.
        fingerprint=hashlib.sha256(credential.token.rpartition(".")[0].encode()).hexdigest(),
    )


def _certificate_of(token: str, url: str) -> str:
    """The certificate that the token says it was signed with. Nothing else that its header says is followed."""
    header = jwt.get_unverified_header(token)
    kid = header.get("kid")
    if header.get("alg") != _ALGORITHM or not isinstance(kid, str):
        raise invalid()
    certificate = keys.find_certificate(url, kid)
    if certificate is None:
        raise invalid()
    return certificate


def _require_fresh(claims: Mapping[str, Any]) -> None:
    """By our clock: the library only knows the system's."""
    now = clock.now()
    if _moment(claims["exp"]) <= now or _moment(claims["iat"]) <= now - MAX_AGE:
        raise invalid()


def _require_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    """A token that was asked for with a nonce works only for who knows it, and the other way round."""
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise invalid()


def _moment(value: Any) -> datetime:
    return datetime.fromtimestamp(float(value), UTC)


def _subject(value: Any) -> str:
    if not (isinstance(value, str) and value.isprintable() and 0 < len(value) <= _MAX_SUBJECT):
        raise invalid()
    return value


_NEEDED: Mapping[SignInMethod, tuple[str, ...]] = {
    SignInMethod.GOOGLE: ("GOOGLE_CLIENT_ID",),
    SignInMethod.FACEBOOK: ("FACEBOOK_CLIENT_ID", "FACEBOOK_CLIENT_SECRET"),
    SignInMethod.FIREBASE: ("FIREBASE_PROJECT_ID",),
}
_VERIFIERS: Mapping[SignInMethod, Callable[[Credential], Identity]] = {
    SignInMethod.GOOGLE: _google,
    SignInMethod.FACEBOOK: _facebook,
    SignInMethod.FIREBASE: _firebase,
}
_POOLS = {method: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=method) for method in _VERIFIERS}
