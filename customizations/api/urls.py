"""Where the endpoints of customizations are."""

from rest_framework.routers import BaseRouter

from customizations.api.viewsets.presets import PresetViewSet
from customizations.api.viewsets.previews import PictureViewSet, PreviewViewSet
from customizations.api.viewsets.templates import TemplateViewSet
from customizations.api.viewsets.things import PackageCustomizationViewSet, ProductCustomizationViewSet
from customizations.api.viewsets.uploads import BackgroundViewSet, UploadViewSet


def register(router: BaseRouter) -> None:
    """Add the routes; what has a name of its own stands before what has any name."""
    router.register("customizations/presets", PresetViewSet, basename="preset")
    router.register("customizations/preview", PreviewViewSet, basename="preview")
    router.register("customizations/previews", PictureViewSet, basename="preview-picture")
    router.register("customizations/uploads", UploadViewSet, basename="upload")
    router.register("customizations/backgrounds", BackgroundViewSet, basename="background")
    router.register("customizations", TemplateViewSet, basename="customization")
    router.register("products", ProductCustomizationViewSet, basename="product-customization")
    router.register("packages", PackageCustomizationViewSet, basename="package-customization")
