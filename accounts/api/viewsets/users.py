"""Other people's accounts, for staff who look after them."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts import policies
from accounts.api.filters import UserFilter
from accounts.api.serializers.users import PersonInput, PersonSerializer, SessionsEndedSerializer
from accounts.api.viewsets.callers import person_of
from accounts.models import User
from accounts.services import users
from fantasize.core.api.permissions import policy
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.viewsets import ReadOnlyShopViewSet

CanView = policy(policies.can_view_users)
CanManage = policy(policies.can_manage_users)


class UserViewSet(ReadOnlyShopViewSet):
    """People: what they are to the shop, and whether they may sign in."""

    permission_classes = [CanView]
    action_permissions = {"partial_update": [CanView, CanManage], "end_sessions": [CanView, CanManage]}
    serializer_class = PersonSerializer
    filterset_class = UserFilter
    queryset = User.objects.none()  # names the model for the OpenAPI document

    def get_queryset(self) -> QuerySet[User]:
        """Everybody who has not been erased, newest first."""
        people: QuerySet[User] = User.objects.filter(erased_at=None).with_second_factors()
        return people.order_by("-created_at", "pk")

    @extend_schema(request=PersonInput, responses=PersonSerializer)
    def partial_update(self, request: ShopRequest, pk: str) -> Response:
        """Change somebody's role and groups, or keep them out. Their access tokens end."""
        user = self.get_object()
        said = self.read_input(PersonInput, partial=True)
        users.change(
            actor=person_of(request),
            user=user,
            role=said.get("role"),
            own_roles=said.get("groups"),
            is_active=said.get("is_active"),
        )
        return self.answer(self.get_object())

    @extend_schema(request=None, responses=SessionsEndedSerializer)
    @action(detail=True, methods=["post"], url_path="end-sessions")
    def end_sessions(self, request: ShopRequest, pk: str) -> Response:
        """Sign somebody out everywhere."""
        count = users.end_sessions(actor=person_of(request), user=self.get_object())
        return self.answer({"sessions_ended": count}, serializer_class=SessionsEndedSerializer)
