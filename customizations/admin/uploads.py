"""Pictures that shoppers sent, to look at: staff see them to make what was ordered."""

from pathlib import PurePosixPath
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter

from customizations.models import Upload
from fantasize.core import images
from fantasize.core.admin.base import ActorList, ReadOnlyModelAdmin
from fantasize.core.admin.display import badge, moment
from fantasize.core.admin.filters import DaysFilter
from fantasize.core.api.files import lock_down, private_file
from fantasize.core.api.public_files import CONTENT_TYPES
from fantasize.core.errors import DomainError

_THUMB_SIDE = 160
_MIB = 1024 * 1024


class OrderedFilter(DropdownFilter):
    """Uploads by whether something was ordered with them."""

    title = "use"
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """The two."""
        return [("ordered", "Ordered with"), ("unused", "Not ordered with")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Upload]) -> QuerySet[Upload]:  # noqa: ARG002 - as above
        """Those of that kind."""
        if self.value() not in {"ordered", "unused"}:
            return queryset
        return queryset.filter(kept_at__isnull=self.value() == "unused")


class _OwnerList(ActorList):
    actor_field = "owner"


@admin.register(Upload)
class UploadAdmin(ReadOnlyModelAdmin):
    """Nobody adds, changes or deletes a shopper's picture here."""

    list_display = ("preview", "who", "measures", "state", "sent")
    list_display_links = ("preview",)
    list_filter: ClassVar = [OrderedFilter, ("created_at", DaysFilter)]
    list_per_page = 20
    ordering = ("-created_at", "-pk")
    sortable_by = ()
    fields = ("picture", "owner", "format", "width", "height", "bytes", "sha256", "created_at", "kept_at")
    readonly_fields = ("picture",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ActorList]:  # noqa: ARG002 - Django's signature
        """The class of the list."""
        return _OwnerList

    @admin.display(description="Picture")
    def preview(self, upload: Upload) -> SafeString:
        """A small copy."""
        address = reverse("admin:customizations_upload_thumbnail", args=[upload.pk])
        return format_html('<img class="fz-upload-thumb" src="{}" alt="" loading="lazy">', address)

    @admin.display(description="Picture")
    def picture(self, upload: Upload) -> SafeString:
        """All of it."""
        address = reverse("admin:customizations_upload_file", args=[upload.pk])
        return format_html('<a href="{0}"><img class="fz-upload" src="{0}" alt=""></a>', address)

    @admin.display(description="Sent by")
    def who(self, upload: Upload) -> str:
        """Whose it is; of guests no more is known than that they are."""
        is_guest = upload.owner.startswith(("cart:", "link:"))
        return "A guest" if is_guest else str(getattr(upload, "actor_name", upload.owner))

    @admin.display(description="Size")
    def measures(self, upload: Upload) -> str:
        """In pixels, and of the file."""
        size = f"{upload.bytes / _MIB:.1f} MiB"
        return f"{upload.width:,} × {upload.height:,} px, {upload.format.upper()}, {size}"  # noqa: RUF001 - a sign of multiplication

    @admin.display(description="Use")
    def state(self, upload: Upload) -> SafeString:
        """Whether something was ordered with it."""
        return badge("upload", "ordered", "Ordered with") if upload.kept_at else badge("upload", "unused", "Not yet")

    @admin.display(description="Sent")
    def sent(self, upload: Upload) -> str:
        """When it came."""
        return moment(upload.created_at)

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and the pictures themselves."""
        guard: Any = self.admin_site.admin_view
        return [
            path("<uuid:upload_id>/file/", guard(self.file_view), name="customizations_upload_file"),
            path("<uuid:upload_id>/thumbnail/", guard(self.thumbnail_view), name="customizations_upload_thumbnail"),
            *super().get_urls(),
        ]

    def file_view(self, request: HttpRequest, upload_id: UUID) -> HttpResponseBase:
        """The picture."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        name = str(self._seen(request, upload_id).file)
        return private_file(request, name, content_type=CONTENT_TYPES[PurePosixPath(name).suffix[1:]])

    def thumbnail_view(self, request: HttpRequest, upload_id: UUID) -> HttpResponseBase:
        """A small copy, made when it is asked for: of shoppers' pictures nothing more is kept than they sent."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        name = str(self._seen(request, upload_id).file)
        try:
            with default_storage.open(name) as file:
                small = images.reencode(file.read(), max_side=_THUMB_SIDE, format="webp")
        except OSError:
            raise Http404 from None
        except DomainError as error:
            return HttpResponse(status=error.status)
        return lock_down(
            HttpResponse(small.content, content_type="image/webp"), name=f"{upload_id}.webp", is_inline=True
        )

    def _seen(self, request: HttpRequest, upload_id: UUID) -> Upload:
        """The upload.

        Raises:
            PermissionDenied: this person sees none.
            Http404: there is no such one.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        upload: Upload | None = self.get_object(request, str(upload_id))
        if upload is None:
            raise Http404
        return upload
