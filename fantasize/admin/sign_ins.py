"""Who is signed in to the admin in this browser: a cookie session of Django's, which counts as long as its row does."""

from datetime import timedelta
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse

from accounts import policies
from accounts.models import Session, User
from accounts.services import mfa, sessions
from accounts.services.sessions import Device
from fantasize.core.api.client_address import client_address, site_of

_ROW = "sign_in"
_REMEMBERED = "_shop_sign_in"
_COMPLETE = "_shop_sign_in_is_complete"
DEVICE_COOKIE = "shop_device"
_PATH = "/admin/"


def begin(request: HttpRequest, session: Session) -> None:
    """Sign the browser in. What its cookie session was before is thrown away, its key included."""
    request.session.flush()
    auth.login(request, session.user)
    request.session[_ROW] = str(session.pk)
    _remember(request, session)


def renew(request: HttpRequest, session: Session) -> None:
    """Stay signed in after the password, which Django ties the cookie session to, was changed; under another key."""
    session.user.refresh_from_db(fields=["password"])
    auth.update_session_auth_hash(request, session.user)


def end(request: HttpRequest) -> None:
    """Forget who is signed in in this browser; the row is ended by whoever knows why."""
    auth.logout(request)
    _remember(request, None)


def current(request: HttpRequest) -> Session | None:
    """The live sign-in of staff in this browser; asked of the database once per request, its use noted on the way."""
    if not hasattr(request, _REMEMBERED):
        _remember(request, _find(request))
    return cast("Session | None", getattr(request, _REMEMBERED))


def is_complete(request: HttpRequest) -> bool:
    """Whether somebody is signed in, with the second factor if their role asks for one; asked once per request, too."""
    session = current(request)
    if session is None:
        return False
    if not hasattr(request, _COMPLETE):
        setattr(request, _COMPLETE, not mfa.is_missing(session))
    return cast("bool", getattr(request, _COMPLETE))


def is_older_than_the_factor(session: Session) -> bool:
    """Whether a second factor was set up that this sign-in has not seen: it must not change how somebody gets in."""
    return session.mfa_at is None and mfa.is_enabled(session.user)


def device_of(request: HttpRequest) -> Device:
    """What the call tells of the caller's device."""
    address = client_address(request)
    return Device(
        user_agent=request.headers.get("User-Agent", "").replace("\0", ""),
        ip_address=None if address == "local" else address,
        site=site_of(address),
        token=request.COOKIES.get(DEVICE_COOKIE, ""),
    )


def remember_device(response: HttpResponse, token: str) -> None:
    """Let the browser say next time that its owner has signed in on it; guesses made elsewhere then lock nobody out."""
    response.set_cookie(
        DEVICE_COOKIE,
        token,
        max_age=timedelta(days=settings.KNOWN_DEVICE_DAYS),
        path=_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _find(request: HttpRequest) -> Session | None:
    user, row = request.user, request.session.get(_ROW)
    if row is None or not isinstance(user, User) or not policies.is_staff_actor(user):
        return None
    return sessions.resume(session_id=UUID(row), user=user)


def _remember(request: HttpRequest, session: Session | None) -> None:
    setattr(request, _REMEMBERED, session)
