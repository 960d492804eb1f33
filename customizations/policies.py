"""Who may do what with templates and uploads. Everybody may read what is published."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from customizations.models import CustomizationTemplate, Upload
from customizations.models.template import TemplateQuerySet


def may(verb: str, model: str) -> Callable[[Any], bool]:
    """Whether an actor may ``view``, ``add``, ``change`` or ``delete`` rows of ``model``."""
    return lambda actor: bool(actor.has_perm(f"customizations.{verb}_{model}"))


def sees_all_templates(actor: Any) -> bool:
    """Whether the actor sees drafts and retired templates too, and what is left of choices."""
    return may("view", "customizationtemplate")(actor)


def templates_for(actor: Any) -> TemplateQuerySet:
    """The templates that the actor may read: staff all of them, everybody else those that are published."""
    templates = CustomizationTemplate.objects.all()
    return templates if sees_all_templates(actor) else templates.published()


def can_upload(actor: Any) -> bool:
    """Whether the actor may send pictures: people and guests; a program buys nothing."""
    return not actor.is_authenticated or bool(actor.is_active and actor.pk)


def uploads_for(actor: Any, principal: str | None) -> QuerySet[Upload]:
    """The uploads that the actor may look at: their own, by ``principal``; staff all of them."""
    if may("view", "upload")(actor):
        return Upload.objects.all()
    return uploads_of(principal)


def uploads_of(principal: str | None) -> QuerySet[Upload]:
    """The uploads of a principal; of nobody there are none."""
    return Upload.objects.filter(owner=principal) if principal else Upload.objects.none()
