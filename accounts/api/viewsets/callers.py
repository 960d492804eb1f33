"""Who calls, and with what."""

from typing import cast

from rest_framework.request import Request

from accounts import policies
from accounts.models import User
from accounts.services.sessions import Device
from fantasize.core.api.client_address import site_of
from fantasize.core.api.permissions import policy
from fantasize.core.api.requests import ShopRequest

IsPerson = policy(policies.is_person)


def person_of(request: Request) -> User:
    """The person who calls, where ``IsPerson`` has made sure that it is one."""
    return cast("User", request.user)


def device_of(request: ShopRequest) -> Device:
    """What the call tells of the caller's device."""
    address = request.client_address
    return Device(
        user_agent=request.headers.get("User-Agent", "").replace("\0", ""),
        ip_address=None if address == "local" else address,
        site=site_of(address),
    )
