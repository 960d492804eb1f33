"""The pictures and print files of what was sold: kept while somebody looks, and deleted when nobody needs them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from customizations.models import Proof, Upload
from fantasize.core import privacy


def forget(*, upload_ids: Iterable[str], proof_hashes: Iterable[str]) -> None:
    """Delete pictures and proofs that no order needs any more, with their files at the commit. Locks them."""
    _delete(Upload.objects.filter(pk__in=set(upload_ids)))
    _delete(Proof.objects.filter(pk__in=set(proof_hashes)))


def release(upload_ids: Iterable[str]) -> None:
    """Pictures that no order needs any more go by their owners' rules again: they can be removed, and are collected."""
    Upload.objects.filter(pk__in=set(upload_ids)).update(kept_at=None)


def _delete(rows: QuerySet[Any]) -> None:
    names = list(rows.order_by("pk").select_for_update().values_list("file", flat=True))
    rows.delete()
    privacy.delete_files_on_commit(names)


def lock(*, upload_ids: Iterable[str], proof_hashes: Iterable[str]) -> None:
    """Have nobody place an order with these until the commit, nor go on before those who are have finished."""
    for rows, keys in ((Upload.objects, upload_ids), (Proof.objects, proof_hashes)):
        list(rows.filter(pk__in=set(keys)).order_by("pk").select_for_update().values_list("pk"))
