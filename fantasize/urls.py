"""Every route of the HTTP side."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from fantasize.core.api import public_files

admin.autodiscover()

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api-docs")),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("", include("fantasize.observability.urls")),
    path("", include("fantasize.api.urls")),
    path("pay/", include("orders.api.payment_pages")),
    path("track/", include("orders.api.tracking_pages")),
    path("media/<path:name>", public_files.serve, name="media"),
]

handler400 = "fantasize.core.api.middleware.bad_request"
