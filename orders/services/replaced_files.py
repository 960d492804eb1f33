"""Pictures and print files that an order showed before it was changed: kept only while some other order shows them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app as queue

from customizations.services import sold_files
from orders import selectors

TASK = "orders.tasks.let_replaced_files_go"

Things = Iterable[Mapping[str, Any]]


def let_go_later(before: Things, after: Things) -> None:
    """Have go what the things of an order were made with ``before`` its change, and are not ``after`` it.

    By a job once the change is committed: pictures and proofs are locked before stock, which the change has locked.
    """
    uploads, proofs = _uploads(before) - _uploads(after), _proofs(before) - _proofs(after)
    if uploads or proofs:
        names: Any = {"upload_ids": sorted(uploads), "proof_hashes": sorted(proofs)}
        queue.configure_task(TASK).defer(**names)


@transaction.atomic
def let_go(*, upload_ids: Collection[str], proof_hashes: Collection[str]) -> None:
    """Delete the proofs that no order shows; pictures that none was made with are the shopper's own affair again.

    Repeating it is harmless. Locks pictures, then proofs, as placing an order does.
    """
    sold_files.lock(upload_ids=upload_ids, proof_hashes=proof_hashes)
    sold_files.release(set(upload_ids) - selectors.shown_uploads(upload_ids))
    sold_files.forget(upload_ids=(), proof_hashes=set(proof_hashes) - selectors.shown_proofs(proof_hashes))


def _uploads(things: Things) -> set[str]:
    return {upload["id"] for thing in things for upload in thing["uploads"]}


def _proofs(things: Things) -> set[str]:
    return {thing["proof"] for thing in things} - {None}
