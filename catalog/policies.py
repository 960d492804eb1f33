"""Who may change the catalogue. Everybody may read what is active."""

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


def can_have_favourites(actor: Any) -> bool:
    """Whether the actor is a person, who can like things."""
    return bool(actor.is_authenticated and actor.is_active and actor.pk)
