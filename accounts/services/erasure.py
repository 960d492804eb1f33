"""Forgetting somebody. Their row stays, so that orders and events still point somewhere; who they were does not."""

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, Q
from procrastinate.contrib.django import app as queue

from accounts import events, policies
from accounts.enums import RevokeReason, Role
from accounts.models import (
    Address,
    KnownDevice,
    OneTimeCode,
    RecoveryCode,
    RefreshToken,
    Session,
    UsedPassword,
    User,
)
from accounts.services import sessions
from accounts.services.access import lock_rights
from fantasize.core import clock, idempotency, mail, outbox, privacy
from fantasize.core.errors import ConflictError, ForbiddenError

# RFC 2606: no mail can ever reach it.
_DOMAIN = "erased.invalid"
FINISH_TASK = "accounts.tasks.finish_erasure"
# No call lasts that long.
_FINISHED_AFTER = {"minutes": 15}
_GONE: tuple[type[Model], ...] = (
    Address,
    Authenticator,
    EmailAddress,
    KnownDevice,
    OneTimeCode,
    RecoveryCode,
    SocialAccount,
    UsedPassword,
)


@transaction.atomic
def erase(*, user: User, actor: str = "") -> None:
    """Forget ``user`` for good, in every app: personal data, uploads, rights and every way to sign in are gone.

    A last mail says so. Locks the user's row, then what the apps lock; repeating it changes nothing. Event:
    ``user.erased``, by ``actor`` (themselves unless told).

    Raises:
        ConflictError: ``orders_open``: somebody still works for them, and must know where to send it;
            ``last_administrator``.
    """
    if user.is_staff:
        lock_rights()
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.erased_at is None:
        _require_other_administrators(row)
        mail.send_later("accounts/account_erased", to=row.email)
        outbox.publish(events.erased(row.pk, actor=actor or row.actor))
        queue.configure_task(FINISH_TASK, schedule_in=_FINISHED_AFTER).defer(user_id=str(row.pk))
    privacy.erase_everything(row.pk)


@transaction.atomic
def erase_for(*, actor: User, user: User) -> None:
    """The same, by staff who may change the account. Locks the administrators' role first: rights stay as they are.

    Raises:
        ForbiddenError: they may not; nobody may with their own.
        ConflictError: as for ``erase``.
    """
    lock_rights()
    row, actor = User.objects.select_for_update().get(pk=user.pk), User.objects.get(pk=actor.pk)
    if not policies.can_erase_user(actor, row):
        raise ForbiddenError("You may not change this account.")
    erase(user=row, actor=actor.actor)


@transaction.atomic
def finish(*, user_id: UUID) -> None:
    """Forget what calls that were under way wrote about somebody who was being erased."""
    if User.objects.filter(pk=user_id).exclude(erased_at=None).exists():
        privacy.erase_everything(user_id)


def forget(user_id: UUID) -> None:
    """Forget what accounts knows about somebody."""
    row = User.objects.select_for_update().get(pk=user_id)
    sessions.end_all(user=row, reason=RevokeReason.ERASED)
    _forget_admin_history(row)
    row.sessions.update(user_agent="", ip_address=None)
    RefreshToken.objects.filter(session__user=row).delete()
    for model in _GONE:
        model._default_manager.filter(user=row).delete()  # noqa: SLF001 - Django's documented interface
    idempotency.forget_about([str(row.pk)])
    row.groups.clear()
    row.user_permissions.clear()
    privacy.delete_files_on_commit([str(row.avatar.name)])
    _blank(row)


def _require_other_administrators(row: User) -> None:
    administrators = User.objects.active().having(Role.ADMINISTRATOR)
    if row.role == Role.ADMINISTRATOR and not administrators.exclude(pk=row.pk).exists():
        raise ConflictError("This is the last administrator. Appoint another one first.", code="last_administrator")


def _forget_admin_history(row: User) -> None:
    """Staff's history of the account names what it is about; who did something when may stay."""
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(row.pk))
    for model in (Address, Session):
        ids = [str(pk) for pk in model._default_manager.filter(user=row).values_list("pk", flat=True)]  # noqa: SLF001 - as above
        about |= Q(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
    entries = LogEntry.objects.filter(about)
    entries.update(object_repr="")
    # That somebody was erased, and by whom, is not about who they were.
    entries.exclude(action_flag=DELETION).update(change_message="")


def _blank(row: User) -> None:
    row.email = f"{row.pk.hex}@{_DOMAIN}"
    row.username, row.first_name, row.last_name = None, "", ""
    row.avatar, row.language, row.wants_news = "", "en", False
    row.is_active = row.is_staff = row.is_superuser = False
    row.email_verified_at = row.last_login = None
    row.erased_at = row.erased_at or clock.now()
    row.set_unusable_password()
    row.save()
