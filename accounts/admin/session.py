"""Sessions: where people are signed in."""

from django.contrib import admin
from unfold.decorators import display

from accounts.models import Session
from accounts.services import devices
from fantasize.core import clock
from fantasize.core.admin.base import ReadOnlyModelAdmin


@admin.register(Session)
class SessionAdmin(ReadOnlyModelAdmin):
    """To look at; a session is ended by its owner, or by a new password."""

    list_display = ("user", "kind", "device", "ip_address", "created_at", "last_used_at", "state")
    list_select_related = ("user",)
    search_fields = ("user__email__startswith",)
    search_help_text = "Beginning of the e-mail address"
    ordering = ("-created_at",)
    sortable_by = ()
    fields = (
        "user",
        "kind",
        "method",
        "mfa_at",
        "user_agent",
        "ip_address",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
        "revoke_reason",
    )

    @admin.display(description="Device")
    def device(self, session: Session) -> str:
        """What people call it."""
        return devices.name_of(session.user_agent)

    @display(description="State", label={"Signed in": "success", "Ended": "info"})  # type: ignore[untyped-decorator]
    def state(self, session: Session) -> str:
        """Whether it still counts."""
        return "Signed in" if session.is_live(clock.now()) else "Ended"
