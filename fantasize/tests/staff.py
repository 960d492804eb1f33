"""Opening the admin in tests."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.contrib.sessions.backends.cached_db import SessionStore
from django.test import Client

from accounts.enums import SessionKind
from accounts.models import Session, User
from accounts.tests.factories import make_user
from fantasize.core import clock


def make_viewer(*permissions: str) -> User:
    """Somebody on the staff with just these rights (``app.codename``)."""
    user = make_user(is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def signed_in(user: User | None = None) -> Client:
    """A browser in which ``user`` (a manager if nobody is named) is signed in."""
    client = Client()
    sign_in(client, user or make_user(role="manager"))
    return client


def sign_in(client: Client, user: User, **session: Any) -> Session:
    """Have ``client`` signed in as ``user`` as if they had shown everything; ``session`` says what its row is like."""
    row = Session.objects.create(
        user=user,
        kind=SessionKind.ADMIN,
        expires_at=clock.now() + timedelta(days=1),
        **{"mfa_at": clock.now(), **session},
    )
    cookie = SessionStore()
    cookie[SESSION_KEY], cookie[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    cookie[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    cookie["sign_in"] = str(row.pk)
    cookie.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(cookie.session_key)
    return row


def said(response: Any) -> list[str]:
    """What the page tells the person in its messages."""
    return [str(message) for message in get_messages(response.wsgi_request)]
