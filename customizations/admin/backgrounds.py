"""Pictures behind everything: what the editor uploads, and what it shows of them."""

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from customizations import policies
from customizations.models import Asset
from customizations.services import assets
from fantasize.core import images
from fantasize.core.api.files import private_file
from fantasize.core.api.public_files import CONTENT_TYPES
from fantasize.core.errors import InvalidError


class _UploadForm(forms.Form):
    file = forms.FileField()


def add(request: HttpRequest) -> dict[str, Any]:
    """Take a picture in; the same one is stored once.

    Raises:
        PermissionDenied: this person may not.
        DomainError: it is no picture that we take.
    """
    if not policies.may("add", "asset")(request.user):
        raise PermissionDenied
    form = _UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        raise InvalidError.at("/file", str(form.errors["file"][0]))
    asset = assets.store(content=form.cleaned_data["file"].read(images.MAX_BYTES + 1))
    return {"id": asset.pk, "width": asset.width, "height": asset.height}


def show(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """The picture, for staff who see such pictures.

    Raises:
        PermissionDenied: this person does not.
        Http404: there is none.
    """
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not policies.may("view", "asset")(request.user):
        raise PermissionDenied
    name = str(get_object_or_404(Asset, pk=sha256).file)
    return private_file(request, name, content_type=CONTENT_TYPES[PurePosixPath(name).suffix[1:]])
