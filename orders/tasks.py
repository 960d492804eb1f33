"""The orders' background work."""

from uuid import UUID

from procrastinate.contrib.django import app as queue

from fantasize.core.queue import RETRY
from orders.payments import sandbox
from orders.services import (
    cart_keeping,
    demo_media,
    drafts,
    expiry,
    payments,
    reconciling,
    refunding,
    replaced_files,
    sandbox_page,
    webhooks,
)


@queue.periodic(cron="* * * * * */30")
@queue.task(name="orders.tasks.cancel_expired_orders", queueing_lock="cancel_expired_orders")
def cancel_expired_orders(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Give stock back that nobody paid for in time."""
    return expiry.cancel_expired_orders()


@queue.periodic(cron="17 * * * *")
@queue.task(name="orders.tasks.collect_idle_carts", queueing_lock="collect_idle_carts")
def collect_idle_carts(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Forget carts that nobody has changed for long; returns how many."""
    return cart_keeping.collect_idle()


@queue.task(name=demo_media.HANG_TASK, queueing_lock="hang_demo_pictures", retry=RETRY)
def hang_demo_pictures() -> int:
    """Give the demonstration shop's gifts their pictures; returns how many."""
    return demo_media.hang()


@queue.task(name=webhooks.PROCESS_TASK, retry=RETRY)
def process_webhook(event_id: int) -> None:
    """Work on what a payment provider has told us, unless that is done."""
    webhooks.process(event_id)


@queue.task(name=payments.REFUND_TASK, retry=RETRY)
def execute_refund(refund_id: str) -> None:
    """Have a provider give money back."""
    refunding.execute(UUID(refund_id))


@queue.periodic(cron="* * * * * */30")
@queue.task(name="orders.tasks.reconcile_payments", queueing_lock="reconcile_payments")
def reconcile_payments(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Ask providers about what they have not told us of."""
    return reconciling.reconcile()


@queue.task(name=sandbox_page.SEND_TASK, retry=RETRY)
def send_sandbox_message(provider_id: str, kind: str) -> None:
    """Have the sandbox tell the shop what happened."""
    sandbox.send(provider_id, kind)


@queue.task(name=sandbox_page.LATE_TASK, retry=RETRY)
def pay_sandbox_late(provider_id: str) -> None:
    """Have a payment on the sandbox's page arrive late."""
    sandbox_page.pay_late(provider_id)


@queue.task(name=drafts.LINK_TASK, retry=RETRY)
def send_payment_link(order_id: str, actor: str) -> None:
    """Mail somebody a link by which they pay for an order."""
    drafts.deliver_payment_link(order_id=UUID(order_id), actor=actor)


@queue.task(name=replaced_files.TASK, retry=RETRY)
def let_replaced_files_go(upload_ids: list[str], proof_hashes: list[str]) -> None:
    """Let go what an order was made with before it was changed."""
    replaced_files.let_go(upload_ids=upload_ids, proof_hashes=proof_hashes)
