"""Packages over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import caching, policies
from catalog.api.filters import PackageFilter
from catalog.api.serializers.facets import FacetsSerializer
from catalog.api.serializers.packages import PackageInputSerializer, PackageSerializer, StaffPackageSerializer
from catalog.api.viewsets.browsing import BrowsingViewSet
from catalog.api.viewsets.products import STOCK_MAX_AGE
from catalog.api.viewsets.things import complete_things
from catalog.models import Package
from catalog.selectors import facets
from catalog.selectors.packages import list_packages, seen_by
from catalog.services import packages
from fantasize.core.api.conditional import require_version
from fantasize.core.api.permissions import AllowAny, policy

# What a package is that is replaced without a word about these.
_UNSAID: dict[str, Any] = {
    "own_price": None,
    "percent_off": None,
    "description": "",
    "category": None,
    "is_active": True,
}


class PackageViewSet(BrowsingViewSet):
    """What the shop sells together: open to read, staff write."""

    queryset = Package.objects.none()
    serializer_class = StaffPackageSerializer
    filterset_class = PackageFilter
    facets = facets.PACKAGE_FACETS
    facets_serializer_class = FacetsSerializer
    lookup_fields = ("pk", "slug")
    rate_limit = "catalogue"
    public_max_age = STOCK_MAX_AGE
    cache_policy = caching.PACKAGES
    etag_covers_data = True
    if_match = {"update": False, "partial_update": False, "destroy": False}
    permission_classes = (AllowAny,)
    action_permissions = {
        "create": (policy(policies.can_add_packages),),
        "update": (policy(policies.can_change_packages),),
        "partial_update": (policy(policies.can_change_packages),),
        "destroy": (policy(policies.can_delete_packages),),
    }

    def get_queryset(self) -> QuerySet[Package]:
        """What the caller may see: staff see hidden packages too."""
        actor = self.request.user
        found = list_packages(including_hidden=policies.can_change_packages(actor))
        return seen_by(found, actor.pk if actor.is_authenticated else None)

    def rows(self) -> QuerySet[Package]:
        """What the caller may see, and nothing beside the rows themselves."""
        packages = Package.objects.all()
        return packages if policies.can_change_packages(self.request.user) else packages.active()

    def get_serializer_class(self) -> type[PackageSerializer]:
        """How the caller sees packages; the document says it all."""
        is_staff = getattr(self, "swagger_fake_view", False) or policies.can_change_packages(self.request.user)
        return StaffPackageSerializer if is_staff else PackageSerializer

    def complete(self, rows: Sequence[Any]) -> None:
        """Their media, and what they and their parts cost at this moment."""
        complete_things(rows)

    @extend_schema(request=PackageInputSerializer, responses={201: StaffPackageSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a package of parts that there are."""
        data = self.read_input(PackageInputSerializer)
        parts = _parts(data.pop("items"))
        created = packages.create_package(new=packages.NewPackage(**data), items=parts, actor=self.request.actor)
        return self.answer(self._read_back(created), status=HTTPStatus.CREATED)

    @extend_schema(request=PackageInputSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace a package; what is not said is as in a new one, but its sku, slug and tax class stay."""
        return self._change(partial=False)

    @extend_schema(request=PackageInputSerializer(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some of a package; ``items`` replace all parts."""
        return self._change(partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a package out of the shop: deleted if nobody has bought or reviewed it, else hidden."""
        package = self.get_object()
        version = require_version(self.request, package)
        packages.remove_package(package=package, expected_version=version, actor=self.request.actor)
        return Response(status=HTTPStatus.NO_CONTENT)

    def _change(self, *, partial: bool) -> Response:
        package = self.get_object()
        version = require_version(self.request, package)
        changes = self.read_input(PackageInputSerializer, partial=partial)
        items = _parts(changes.pop("items")) if "items" in changes else None
        if not partial:
            changes = {**_UNSAID, **changes}
        changed = packages.update_package(
            package=package, changes=changes, items=items, expected_version=version, actor=self.request.actor
        )
        return self.answer(self._read_back(changed))

    def _read_back(self, package: Package) -> Package:
        """The package as the caller sees it, with everything that its representation shows."""
        rows = seen_by(list_packages(including_hidden=True), self.request.user.pk)
        return rows.get(pk=package.pk)


def _parts(items: Sequence[dict[str, int]]) -> list[packages.Part]:
    return [packages.Part(**item) for item in items]
