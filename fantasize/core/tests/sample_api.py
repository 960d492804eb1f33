"""A small API that uses every base class, for the kernel's own tests. Rows are Django's groups: a name and an id."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import django_filters
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.models import ProtectedError, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from drf_spectacular.utils import extend_schema
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotAuthenticated, Throttled
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from fantasize.core.api import fields
from fantasize.core.api.conditional import require_version
from fantasize.core.api.idempotency import Unprepared
from fantasize.core.api.permissions import AllowAny, IsAuthenticated, ReadOnly, object_policy, policy
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.serializers import StrictModelSerializer, StrictSerializer
from fantasize.core.api.viewsets import ReadOnlyShopViewSet, ShopModelViewSet, ShopViewSet
from fantasize.core.errors import ConflictError, UnauthenticatedError, UnavailableError


@dataclass(frozen=True)
class Caller:
    """Somebody signed in."""

    actor: str = "user:1"
    is_staff: bool = False
    is_authenticated: bool = True
    pk: int = 1


class ThingFilter(django_filters.FilterSet):
    smallest = django_filters.NumberFilter(field_name="pk", lookup_expr="gte")
    name = django_filters.CharFilter()
    ordering = django_filters.OrderingFilter(fields=("name",))

    class Meta:
        model = Group
        fields: tuple[str, ...] = ()


class ThingSerializer(StrictModelSerializer):
    class Meta:
        model = Group
        fields = ("id", "name")


class ThingViewSet(ShopModelViewSet):
    """Reference rows: anybody reads, staff write, only those called ``mine-…`` may be deleted."""

    serializer_class = ThingSerializer
    filterset_class = ThingFilter
    lookup_fields = ("pk", "name")
    permission_classes = [ReadOnly | policy(lambda actor: actor.is_authenticated and actor.is_staff)]
    action_permissions = {
        "destroy": [IsAuthenticated, object_policy(lambda _actor, thing: thing.name.startswith("mine"))],
    }

    def get_queryset(self) -> QuerySet[Group]:
        return Group.objects.exclude(name__startswith="hidden").order_by("name")


class PublicThingViewSet(ReadOnlyShopViewSet):
    serializer_class = ThingSerializer
    permission_classes = [AllowAny]
    rate_limit = "catalogue"
    public_max_age = 600

    def get_queryset(self) -> QuerySet[Group]:
        return Group.objects.order_by("name")


class LineInput(StrictSerializer):
    quantity = fields.IntegerField(min_value=1, max_value=99)


class EchoInput(StrictSerializer):
    text = fields.CharField(required=False, max_length=20)
    count = fields.IntegerField(required=False)
    flag = fields.BooleanField(required=False)
    price = fields.MoneyField(required=False, currency="USD")
    yen = fields.MoneyField(required=False, currency="JPY")
    colour = serializers.ChoiceField(required=False, choices=["red", "blue"])
    thing = serializers.PrimaryKeyRelatedField(required=False, queryset=Group.objects.all())
    anything = serializers.JSONField(required=False)
    lines = LineInput(many=True, required=False)
    number = fields.CharField(read_only=True)
    secret: serializers.HiddenField = serializers.HiddenField(default="kept")


class EchoViewSet(ShopViewSet):
    """Answers what it understood."""

    serializer_class = EchoInput
    permission_classes = [AllowAny]
    idempotency_exempt = True

    def create(self, request: ShopRequest) -> Response:
        data = self.read_input(EchoInput)
        return Response({key: str(value) if isinstance(value, Decimal) else value for key, value in data.items()})

    def list(self, request: ShopRequest) -> Response:
        who = {"version": request.version, "explicit": request.is_explicit_v2, "legacy": request.legacy_path}
        return Response({**who, "principal": request.principal, "address": request.client_address})


class EffectViewSet(ShopViewSet):
    """One effect per call: a row more."""

    permission_classes = [AllowAny]
    idempotency_required = {"create"}
    action_rate_limits = {"create": "orders", "paint": "orders"}
    prepared = ("paint",)
    prepared_if_needed = ("paint",)
    is_drawn = False

    def prepare(self) -> None:
        self.is_drawn = True

    def create(self, request: ShopRequest) -> Response:
        with transaction.atomic():
            name = f"effect-{Group.objects.count()}"
            Group.objects.create(name=name)
            if "refuse" in request.data:
                raise ConflictError("Refused.")
        return Response({"name": name}, status=201, headers={"ETag": '"1"'})

    @action(detail=False, methods=["post"])
    def paint(self, request: ShopRequest) -> Response:
        if "slowly" in request.data and not self.is_drawn:
            Group.objects.create(name="effect-lost")
            raise Unprepared
        return self.create(request)

    @action(detail=False, methods=["post"])
    def picture(self, request: ShopRequest) -> HttpResponse:
        return HttpResponse(b"\x89PNG", content_type="image/png")

    @action(detail=False, methods=["post"])
    def elsewhere(self, request: ShopRequest) -> Response:
        return Response(status=303, headers={"Location": "/elsewhere"})

    @action(detail=False, methods=["post"])
    def fail(self, request: ShopRequest) -> Response:
        Group.objects.create(name="half")
        raise RuntimeError("a secret of ours")


@dataclass
class Versioned:
    name: str = "one"
    version: int = 3


class VersionedSerializer(StrictSerializer):
    name = fields.CharField()


class VersionedViewSet(ShopViewSet):
    serializer_class = VersionedSerializer
    permission_classes = [AllowAny]
    query_parameters = {"retrieve": ["after"]}
    if_match = {"update": True}

    def retrieve(self, request: ShopRequest, pk: str) -> Response:
        return self.answer(Versioned())

    def update(self, request: ShopRequest, pk: str) -> Response:
        expected = require_version(request, Versioned(), is_required=True)
        return self.answer(Versioned(name=str(expected)))

    def partial_update(self, request: ShopRequest, pk: str) -> Response:
        return Response(None)

    def destroy(self, request: ShopRequest, pk: str) -> Response:
        return Response(status=204)


class ClosedViewSet(ShopViewSet):
    """Says nothing about who may call it."""

    @extend_schema(exclude=True)
    def list(self, request: ShopRequest) -> Response:
        return Response("never")


class AuthViewSet(ShopViewSet):
    permission_classes = [AllowAny]
    rate_limit = "auth_address"
    idempotency_exempt = True

    def create(self, request: ShopRequest) -> Response:
        raise UnauthenticatedError("No.", code="refresh_reused")


FAILURES: dict[str, Any] = {
    "unexpected": lambda: RuntimeError("/srv/secret SELECT * FROM users"),
    "gone": lambda: Http404("Group matching query does not exist"),
    "forbidden": lambda: PermissionDenied("psst"),
    "suspicious": lambda: SuspiciousOperation("psst"),
    "operational": lambda: OperationalError("could not connect to server at /tmp/x"),
    "redis": lambda: RedisConnectionError("psst"),
    "data": lambda: DataError("psst"),
    "integrity": lambda: IntegrityError("psst"),
    "protected": lambda: ProtectedError("psst", set()),
    "closed": lambda: UnavailableError("Closed for repairs."),
    "throttled": lambda: Throttled(3),
    "anonymous": NotAuthenticated,
}


class FailureViewSet(ShopViewSet):
    """Fails in the way that the path says."""

    permission_classes = [AllowAny]

    def retrieve(self, request: ShopRequest, pk: str) -> Response:
        if pk == "duplicate":
            with transaction.atomic():
                Group.objects.bulk_create([Group(name="twice"), Group(name="twice")])
        if pk == "deadlock":
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'psst' USING ERRCODE = '40P01'; END $$")
        if pk == "rendering":
            return Response({"impossible": object()})
        failure = FAILURES[pk]
        raise failure()


def plain_page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("<h1>Not for you</h1>", status=403)


def failing_page(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("psst")


router = SimpleRouter(trailing_slash=False)
router.register("things", ThingViewSet, basename="thing")
router.register("public-things", PublicThingViewSet, basename="public-thing")
router.register("echo", EchoViewSet, basename="echo")
router.register("products", EchoViewSet, basename="product")
router.register("users/login", EchoViewSet, basename="login")
router.register("effects", EffectViewSet, basename="effect")
router.register("versioned", VersionedViewSet, basename="versioned")
router.register("closed", ClosedViewSet, basename="closed")
router.register("auth", AuthViewSet, basename="auth")
router.register("failures", FailureViewSet, basename="failure")

urlpatterns = [
    path("api/v2/", include(router.urls)),
    path("api/v2/page", plain_page),
    path("api/v2/failing-page", failing_page),
    path("page", plain_page),
]
handler400 = "fantasize.core.api.middleware.bad_request"
