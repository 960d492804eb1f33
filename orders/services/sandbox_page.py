"""What the buttons of the sandbox's page do."""

from datetime import timedelta

import structlog
from django.db import transaction
from procrastinate.contrib.django import app as queue

from fantasize.core import clock
from fantasize.core.errors import NotFoundError
from orders.models import SandboxSession
from orders.payments import find_hosted, sandbox
from orders.payments.base import GatewayDownError

log = structlog.get_logger(__name__)

SEND_TASK = "orders.tasks.send_sandbox_message"
LATE_TASK = "orders.tasks.pay_sandbox_late"
# When the job says once more what was said at once: the shop takes it for the same message.
_ONCE_MORE = timedelta(seconds=10)


def get_page(provider_id: str) -> SandboxSession:
    """A page of the sandbox.

    Raises:
        NotFoundError: there is none, or the shop has no sandbox.
    """
    page = SandboxSession.objects.filter(provider_id=provider_id).first()
    if page is None or find_hosted(sandbox.SandboxGateway.name) is None:
        raise NotFoundError
    return page


def press(provider_id: str, action: str) -> str:
    """One of ``sandbox.ACTIONS``, told to the shop at once; returns where the shopper goes. Not in a transaction.

    A job that is written down with the press tells the shop again in any case, should it not have listened, or should
    this process end before it has spoken.

    Raises:
        NotFoundError: there is no such page.
    """
    get_page(provider_id)
    with transaction.atomic(durable=True):
        page, kind = sandbox.press(provider_id, action)
        if kind:
            in_a_moment = clock.now() + _ONCE_MORE
            queue.configure_task(SEND_TASK, schedule_at=in_a_moment).defer(provider_id=provider_id, kind=kind)
        if kind and page.pays_at:
            queue.configure_task(LATE_TASK, schedule_at=page.pays_at).defer(provider_id=provider_id)
    if kind:
        _send_now(provider_id, kind)
    return page.success_url if page.is_completed and not page.is_failed else page.cancel_url


def pay_late(provider_id: str) -> None:
    """A late payment arrives, and the shop is told.

    Raises:
        GatewayDownError: the shop did not take the message.
    """
    sandbox.send(provider_id, sandbox.pay_late(provider_id))


def _send_now(provider_id: str, kind: str) -> None:
    """Tell the shop; if it does not listen, the job goes on telling it."""
    try:
        sandbox.send(provider_id, kind)
    except GatewayDownError as error:
        log.warning("sandbox.message_left_to_job", kind=kind, reason=str(error))
