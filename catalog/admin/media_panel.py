"""The panel of pictures and videos: a piece of a page that shows them, and what its script posts to change them."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django import forms
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.validators import validate_comma_separated_integer_list
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, render

from catalog import policies
from catalog.enums import MediaState
from catalog.models import Category, ProductMedia
from catalog.selectors.media import Target, kind_of, media_of, target_of
from catalog.services import media
from fantasize.core.admin.actors import actor_of
from fantasize.core.errors import DomainError

KINDS = ("product", "package", "category")
_LONGEST_ORDER = 1000
_IMAGES = "image/jpeg,image/png,image/webp"
_VIDEOS = "video/mp4,video/webm"


class _UploadForm(forms.Form):
    file = forms.FileField()


class _AltForm(forms.Form):
    alt = forms.CharField(max_length=200, required=False)


class _OrderForm(forms.Form):
    ids = forms.CharField(max_length=_LONGEST_ORDER, validators=[validate_comma_separated_integer_list])

    def clean_ids(self) -> list[int]:
        """The numbers."""
        return [int(pk) for pk in self.cleaned_data["ids"].split(",")]


def show_or_add(request: HttpRequest, kind: str, target_id: int) -> HttpResponse:
    """The panel; what is posted to it is a new picture or video."""
    if request.method == "POST":
        return _change(request, _target(request, kind, target_id, may_change=True), _add)
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET", "POST"])
    return _panel(request, _target(request, kind, target_id, may_change=False))


def reorder(request: HttpRequest, kind: str, target_id: int) -> HttpResponse:
    """Bring the thing's media into the order of ``ids``."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return _change(request, _target(request, kind, target_id, may_change=True), _reorder)


def set_alt(request: HttpRequest, media_id: int) -> HttpResponse:
    """Say what is to be seen."""
    return _change_one(request, media_id, _set_alt)


def remove(request: HttpRequest, media_id: int) -> HttpResponse:
    """Take one away."""
    return _change_one(request, media_id, _remove)


def retry(request: HttpRequest, media_id: int) -> HttpResponse:
    """Have one that failed prepared once more."""
    return _change_one(request, media_id, _retry)


def _add(request: HttpRequest, target: Target) -> str:
    file = _said(_UploadForm(request.POST, request.FILES))["file"]
    added = media.add_file(target=target, file=file, alt="", actor=actor_of(request))
    return f"Added {added.kind} {added.pk}."


def _reorder(request: HttpRequest, target: Target) -> str:
    media.reorder(target=target, ids=_said(_OrderForm(request.POST))["ids"])
    return "Brought pictures into another order."


def _set_alt(request: HttpRequest, row: ProductMedia) -> str:
    media.set_alt(media=row, alt=_said(_AltForm(request.POST))["alt"])
    return f"Changed what {row.kind} {row.pk} is said to show."


def _remove(request: HttpRequest, row: ProductMedia) -> str:
    media.remove(media=row, actor=actor_of(request))
    return f"Removed {row.kind} {row.pk}."


def _retry(request: HttpRequest, row: ProductMedia) -> str:  # noqa: ARG001 - as its siblings
    media.retry(media=row)
    return f"Had {row.kind} {row.pk} prepared once more."


class _RefusedFormError(Exception):
    """What was posted is not what a panel posts; says why."""


def _said(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise _RefusedFormError(next(iter(form.errors.values()))[0])
    return form.cleaned_data


def _change_one(request: HttpRequest, media_id: int, deed: Callable[[HttpRequest, ProductMedia], str]) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not policies.can_change_some_media(request.user):
        raise PermissionDenied
    row = get_object_or_404(ProductMedia.objects.select_related(*KINDS), pk=media_id)
    if not policies.can_change_media(request.user, row):
        raise PermissionDenied
    return _change(request, target_of(row), lambda request, _target: deed(request, row))


def _change(request: HttpRequest, target: Target, deed: Callable[[HttpRequest, Target], str]) -> HttpResponse:
    """Do it, write it into the thing's history, and answer the panel as it is now; or why it was refused."""
    try:
        message = deed(request, target)
    except DomainError as error:
        return JsonResponse({"detail": error.detail}, status=error.status)
    except _RefusedFormError as error:
        return JsonResponse({"detail": str(error)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    actor: Any = request.user
    LogEntry.objects.log_actions(actor.pk, [target], CHANGE, message, single_object=True)
    return _panel(request, target)


def _panel(request: HttpRequest, target: Target) -> HttpResponse:
    is_category = isinstance(target, Category)
    rows = list(media_of(target))
    context = {
        "target": target,
        "kind": kind_of(target),
        "rows": [(row, preview_url(row)) for row in rows],
        "is_busy": any(row.state == MediaState.PROCESSING for row in rows),
        "may_change": policies.can_change_media_of(request.user, kind_of(target)),
        "is_single": is_category,
        "accepted": _IMAGES if is_category else f"{_IMAGES},{_VIDEOS}",
    }
    return render(request, "admin/catalog/media/panel.html", context)


def preview_url(row: ProductMedia, rendition: str = "card") -> str:
    """Where a picture's copy ``rendition`` is; nowhere for a video, and before it is made."""
    names = [copy["file"] for copy in row.renditions if copy["name"] == rendition]
    return default_storage.url(names[0]) if names else ""


def _target(request: HttpRequest, kind: str, target_id: int, *, may_change: bool) -> Target:
    """The thing, for somebody who may do so much with it.

    Raises:
        PermissionDenied: they may not.
        Http404: there is none.
    """
    if kind not in KINDS:
        raise Http404
    may = policies.can_change_media_of(request.user, kind)
    if not (may or (not may_change and request.user.has_perm(f"catalog.view_{kind}"))):
        raise PermissionDenied
    target: Target = get_object_or_404(apps.get_model("catalog", kind), pk=target_id)
    return target
