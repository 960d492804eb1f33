"""Devices: what people call them, and on which somebody has signed in completely. Those show a token the next time."""

import hashlib
import re
import secrets
from datetime import timedelta

from django.conf import settings

from accounts.models import KnownDevice, User
from fantasize.core import clock

MAX_DEVICES = 20
_PREFIX = "fzd_"
_BYTES = 32
# The first that fits counts: most browsers also name those that they are taken for.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
# One word without dots: no mail program makes a link of it.
_PROGRAM = re.compile(r"([A-Za-z]{1,20})/")


def name_of(user_agent: str) -> str:
    """What people call a device that calls itself ``user_agent``: ``Firefox on Linux``; the name of other programs.

    Nothing else of what a caller claims gets through: the name stands in mails.
    """
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    program = _PROGRAM.match(user_agent)
    return browser or system or (program[1] if program else "Unknown device")


def find(token: str) -> KnownDevice | None:
    """The device that ``token`` belongs to, whosever it is; None if it is unknown or was not used for too long."""
    if not token:
        return None
    return KnownDevice.objects.filter(token_hash=_hash(token), expires_at__gt=clock.now()).first()


def remember(*, user: User, token: str) -> tuple[str, bool]:
    """Know the device from now on, for ``settings.KNOWN_DEVICE_DAYS`` after its last use.

    Of more than ``MAX_DEVICES`` the one that was not used for longest is forgotten. The caller holds the lock on the
    user's row.

    Returns:
        The token that the device is to show, and whether it was known before.
    """
    now = clock.now()
    until = now + timedelta(days=settings.KNOWN_DEVICE_DAYS)
    device = find(token)
    if device is not None and device.user_id == user.pk:
        KnownDevice.objects.filter(pk=device.pk).update(last_used_at=now, expires_at=until)
        return token, True
    token = _PREFIX + secrets.token_urlsafe(_BYTES)
    user.known_devices.create(token_hash=_hash(token), created_at=now, last_used_at=now, expires_at=until)
    _make_room(user)
    return token, False


def forget_all(*, user: User) -> None:
    """Know none of the user's devices any more."""
    user.known_devices.all().delete()


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in names if sign in user_agent), "")


def _make_room(user: User) -> None:
    kept = user.known_devices.order_by("-last_used_at", "-pk").values("pk")[:MAX_DEVICES]
    user.known_devices.exclude(pk__in=kept).delete()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
