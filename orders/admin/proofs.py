"""Print files of what was ordered, for staff: to look at, and to print from."""

from collections.abc import Callable
from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from customizations.models import Proof
from customizations.services import proofs
from fantasize.core.api.files import lock_down
from fantasize.core.errors import NotFoundError
from orders import policies
from orders.selectors import get_proof

_THUMB_SIDE = 320
_LARGE_SIDE = 1600


def _thumbnail(proof: Proof, side: int = _THUMB_SIDE) -> bytes:
    from customizations import rendering  # noqa: PLC0415 - a big library, which few pages need

    return rendering.preview(proofs.content_of(proof), max_side=side, format="webp")


# What is made of the print file, its type, its suffix, and whether it is shown rather than saved.
_KINDS: dict[str, tuple[Callable[[Proof], bytes], str, str, bool]] = {
    "png": (proofs.content_of, "image/png", "png", False),
    "pdf": (proofs.pdf, "application/pdf", "pdf", False),
    "thumbnail": (_thumbnail, "image/webp", "webp", True),
    "large": (partial(_thumbnail, side=_LARGE_SIDE), "image/webp", "webp", True),
}


def proof_view(request: HttpRequest, sha256: str, kind: str) -> HttpResponseBase:
    """The print file as PNG or PDF, or a small copy.

    Raises:
        PermissionDenied: this person sees no orders.
        Http404: there is no such proof in any order.
    """
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not policies.can_see_all(request.user):
        raise PermissionDenied
    if kind not in _KINDS:
        raise Http404
    make, content_type, suffix, is_inline = _KINDS[kind]
    try:
        content = make(get_proof(request.user, sha256))
    except (NotFoundError, FileNotFoundError):
        raise Http404 from None
    response = HttpResponse(content, content_type=content_type)
    return lock_down(response, name=f"{sha256[:12]}.{suffix}", is_inline=is_inline)
