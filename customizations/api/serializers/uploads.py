"""Pictures of shoppers and of staff, in and out."""

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customizations.models import Asset, Upload
from fantasize.core.api.serializers import StrictSerializer

_ADDRESS = {"type": "string", "format": "uri"}
_HOME = "/api/v2/customizations"


class FileInput(StrictSerializer):
    """A picture."""

    file = serializers.FileField(max_length=None, help_text="JPEG, PNG or WebP of at most 10 MiB.")


class UploadSerializer(serializers.Serializer[Upload]):
    """A picture as its owner and staff see it."""

    id = serializers.UUIDField(help_text="What an answer names it by.")
    url = serializers.SerializerMethodField()
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    sha256 = serializers.CharField(help_text="Of the file that the shop made of what was sent.")
    created_at = serializers.DateTimeField()

    @extend_schema_field(_ADDRESS)
    def get_url(self, upload: Upload) -> str:
        """Where the picture itself is, for the same people."""
        return f"{settings.PUBLIC_BASE_URL}{_HOME}/uploads/{upload.pk}/file"


class NewUploadSerializer(UploadSerializer):
    """A picture as whoever sent it is told of it."""

    token = serializers.CharField(
        required=False, help_text="For a guest who had none: what X-Cart-Token says from now on. It is not told again."
    )


class AssetSerializer(serializers.Serializer[Asset]):
    """A picture that is behind everything."""

    id = serializers.CharField(source="sha256", help_text="What a canvas names as its background.")
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
