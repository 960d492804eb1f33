"""Tables whose rows are written by services that take one thing at a time: each row in a savepoint of its own.

Rows are locked by the services themselves, in their order; what somebody changes in between is refused by its version.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import transaction

from fantasize.core.errors import DomainError, PreconditionFailedError
from fantasize.core.models import RowOutcome
from fantasize.core.transfers.changes import CHANGED_MEANWHILE, Change
from fantasize.core.transfers.resources import TransferResource


class OneByOneResource(TransferResource):
    """Imports through services; batches are small, for each is one transaction."""

    batch_size: ClassVar[int] = 100
    locks_rows: ClassVar[bool] = False

    def create_one(self, values: Mapping[str, Any], *, actor: str) -> str:
        """Make one thing; returns its key."""
        raise NotImplementedError

    def update_one(self, instance: Any, values: Mapping[str, Any], *, actor: str) -> None:
        """Change one thing, if it is still at ``instance.version``."""
        raise NotImplementedError

    def remove_one(self, instance: Any, *, actor: str) -> RowOutcome:
        """Take one thing back: removed or hidden."""
        raise NotImplementedError

    def create(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:  # noqa: ARG002 - services have their own
        """Make new rows."""
        for change in changes:
            with _refusable(change):
                change.key = self.create_one(change.values, actor=actor)

    def update(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:  # noqa: ARG002 - as above
        """Store changed rows."""
        for change in changes:
            with _refusable(change):
                self.update_one(change.instance, change.values, actor=actor)

    def remove(self, instances: Sequence[Any], *, actor: str, reference: str) -> Mapping[Any, RowOutcome]:  # noqa: ARG002 - as above
        """Take back rows that were made."""
        return {instance.pk: self.remove_one(instance, actor=actor) for instance in instances}


@contextmanager
def _refusable(change: Change) -> Iterator[None]:
    """A savepoint; what a service refuses becomes the row's fault, and nothing of the row stays."""
    try:
        with transaction.atomic():
            yield
    except DomainError as error:
        change.fault = _words(error)


def _words(error: DomainError) -> str:
    if isinstance(error, PreconditionFailedError):
        return CHANGED_MEANWHILE
    return " ".join(fault.detail for fault in error.errors) or error.detail
