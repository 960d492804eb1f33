"""Opening the admin in tests."""

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import User
from accounts.tests.factories import make_user


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
    client.force_login(user or make_user(role="manager"))
    return client


def said(response: Any) -> list[str]:
    """What the page tells the person in its messages."""
    return [str(message) for message in get_messages(response.wsgi_request)]
