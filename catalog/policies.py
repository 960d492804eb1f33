"""Who may change the catalogue. Everybody may read what is active."""

from collections.abc import Callable
from typing import Any


def can_add_products(actor: Any) -> bool:
    """Whether the actor may make products."""
    return bool(actor.has_perm("catalog.add_product"))


def can_change_products(actor: Any) -> bool:
    """Whether the actor may change products, and see hidden ones."""
    return bool(actor.has_perm("catalog.change_product"))


def can_delete_products(actor: Any) -> bool:
    """Whether the actor may take products out of the shop."""
    return bool(actor.has_perm("catalog.delete_product"))


def can_add_packages(actor: Any) -> bool:
    """Whether the actor may make packages."""
    return bool(actor.has_perm("catalog.add_package"))


def can_change_packages(actor: Any) -> bool:
    """Whether the actor may change packages, and see hidden ones."""
    return bool(actor.has_perm("catalog.change_package"))


def can_delete_packages(actor: Any) -> bool:
    """Whether the actor may take packages out of the shop."""
    return bool(actor.has_perm("catalog.delete_package"))


def can_have_favourites(actor: Any) -> bool:
    """Whether the actor is a person, who can like things."""
    return bool(actor.is_authenticated and actor.is_active and actor.pk)


def can_write_reviews(actor: Any) -> bool:
    """Whether the actor is a person, who can have received something."""
    return can_have_favourites(actor)


def can_moderate_reviews(actor: Any) -> bool:
    """Whether the actor decides which reviews shoppers see."""
    return bool(actor.has_perm("catalog.change_review"))


def can_change_some_media(actor: Any) -> bool:
    """Whether there are things whose pictures the actor may change."""
    return any(can_change_media_of(actor, kind) for kind in ("product", "package", "category"))


def can_change_media_of(actor: Any, kind: str) -> bool:
    """Whether the actor may change pictures of a ``product``, a ``package`` or a ``category``: who may change those."""
    return bool(actor.has_perm(f"catalog.change_{kind}"))


def can_change_media(actor: Any, media: Any) -> bool:
    """Whether the actor may change this picture."""
    kind = "product" if media.product_id else "package" if media.package_id else "category"
    return can_change_media_of(actor, kind)


def may(verb: str, model: str) -> Callable[[Any], bool]:
    """Whether an actor may ``view``, ``add``, ``change`` or ``delete`` rows of ``model``."""
    return lambda actor: bool(actor.has_perm(f"catalog.{verb}_{model}"))
