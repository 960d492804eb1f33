"""The moments of a checkout at which a process can be killed: seams between two steps that must not be one.

A switch ``<point>.<victim>`` kills once: the process that comes to the point (``self``), or PostgreSQL under it.
"""

VICTIMS = ("self", "postgres")
# Point -> the function that it is right before, or right after.
BEFORE = {
    "key-not-claimed": "fantasize.core.idempotency:claim",
    "page-not-kept": "orders.services.checkout_sessions:_record",
    "not-pushed": "fantasize.core.outbox:_tell_listeners",
    "event-taken-on": "fantasize.core.outbox:dispatch",
}
AFTER = {
    "key-claimed": "fantasize.core.idempotency:claim",
    "goods-held": "catalog.services.stock:hold",
    "payment-written-down": "orders.services.checkout_sessions:_claim",
    "page-opened": "orders.payments.sandbox:SandboxGateway.open_session",
    "answer-kept": "fantasize.core.api.idempotency:_answer",
    "message-verified": "orders.payments.sandbox:SandboxGateway.read_webhook",
    "message-kept": "orders.services.webhooks:_store",
    "goods-sold": "orders.services.holds:consume",
    "mail-sent": "fantasize.core.mail:deliver",
}
# Once every handler has done its work, and before the event is marked as dispatched.
HANDLED = "event-handled"
POINTS = (*BEFORE, *AFTER, HANDLED)


def switch_name(point: str, victim: str) -> str:
    """The switch that kills there."""
    return f"{point}.{victim}"
