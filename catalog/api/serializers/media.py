"""Pictures and videos, in and out."""

from functools import lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.files.storage import default_storage
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.enums import MediaKind, MediaState
from catalog.models import ProductMedia
from fantasize.core.api import fields
from fantasize.core.api.serializers import RowSerializer, StrictSerializer

_MAX_ALT = 200
_ADDRESS = {"type": "string", "format": "uri"}


class RenditionSerializer(RowSerializer):
    """A smaller copy of a picture."""

    getter = itemgetter

    name = serializers.CharField(help_text="thumb, card or full.")
    url = serializers.SerializerMethodField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()

    @extend_schema_field(_ADDRESS)
    def get_url(self, rendition: dict[str, Any]) -> str:
        """Where it is; what is there never changes."""
        return address_of(rendition["file"])


class MediaSerializer(RowSerializer):
    """A picture or a video as everybody may see it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=MediaKind.choices)
    url = serializers.SerializerMethodField()
    alt = serializers.CharField(help_text="What is to be seen, for those who do not see it.")
    width = serializers.IntegerField(allow_null=True, help_text="Pixels.")
    height = serializers.IntegerField(allow_null=True, help_text="Pixels.")
    renditions = RenditionSerializer(many=True, help_text="WebP copies, smallest first; a video has none.")
    srcset = serializers.SerializerMethodField()

    @extend_schema_field(_ADDRESS)
    def get_url(self, media: ProductMedia) -> str:
        """Where the file is; what is there never changes."""
        return address_of(str(media.file))

    def get_srcset(self, media: ProductMedia) -> str:
        """The copies as an ``img`` element's ``srcset`` names them; empty for a video."""
        by_width = {copy["width"]: address_of(copy["file"]) for copy in reversed(media.renditions)}
        return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))


class StaffMediaSerializer(MediaSerializer):
    """A picture or a video as staff see it, also before it can be shown."""

    state = serializers.ChoiceField(choices=MediaState.choices)
    position = serializers.IntegerField()


class MediaUpload(StrictSerializer):
    """A new picture or video."""

    file = serializers.FileField(
        help_text="JPEG, PNG or WebP of at most 10 MiB, or MP4 or WebM of at most 100 MiB.", max_length=None
    )
    alt = fields.CharField(max_length=_MAX_ALT, required=False, default="", allow_blank=True)


class MediaChanges(StrictSerializer):
    """What can be changed of a picture or a video."""

    alt = fields.CharField(max_length=_MAX_ALT, required=False, allow_blank=True)
    position = fields.IntegerField(required=False, help_text="Its place among the thing's media; 0 is the first.")


def address_of(name: str) -> str:
    """The absolute address of a stored file; the same whoever asks, so that answers can be cached."""
    return _address(settings.PUBLIC_BASE_URL, name)


# A page names a hundred and more, each twice; putting an address together takes longer than reading the row.
@lru_cache(maxsize=10_000)
def _address(base: str, name: str) -> str:
    return urljoin(base, default_storage.url(name))
