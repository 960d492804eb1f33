"""Signing in with Google, Facebook or Firebase, and linking them to an account.

Somebody is known by issuer and subject, never by address: an address that the shop knows signs nobody in. Who has an
account links the provider while signed in; who has none gets one, once the address is proven to be theirs.
"""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app as queue

from accounts.auth.social import Credential, Identity, verify
from accounts.auth.social.providers import invalid
from accounts.enums import SignInMethod
from accounts.models import Session, UsedPassword, User
from accounts.services import avatars, codes, doors, reverification
from accounts.services.sessions import Device
from accounts.services.sign_in import SignIn, next_step
from fantasize.core import clock, mail
from fantasize.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError, UnauthenticatedError

IMPORT_TASK = "accounts.tasks.import_picture"


def sign_in(*, credential: Credential, device: Device) -> SignIn:
    """Sign in whoever the provider vouches for; somebody new with a verified address gets an account first.

    Raises:
        UnauthenticatedError: ``provider_token_invalid``; ``mfa_required``; ``invalid_credentials``: inactive;
            ``email_unverified``: the provider does not say that the address is theirs, so a mail went there.
        ConflictError: ``link_required``: there is an account with this address. Sign in there and link the provider.
        InvalidError: ``email_needed``: the provider tells no address.
        NotFoundError: ``provider_not_configured``.
        RateLimitedError: too many failures from this client.
        UnavailableError: the provider does not answer, or failures cannot be counted just now.
    """
    identity = _verified(credential, device)
    account = _find(identity)
    user = _enter(account, identity) if account else _open(identity)
    return next_step(user=user, device=device, method=credential.provider)


def link(*, session: Session, credential: Credential, device: Device) -> SocialAccount:
    """Let the session's owner sign in with a provider too. Its name and picture are taken where they have none.

    Calls the provider: hence no transaction around it. Locks the user's row.

    Raises:
        ForbiddenError: ``reverification_required``; ``email_unverified``: whoever opens an account with somebody else's
            address must not keep a way in once the owner comes.
        ConflictError: ``already_linked``, to this account or another one.
        UnauthenticatedError: ``provider_token_invalid``.
        NotFoundError, RateLimitedError, UnavailableError: as for ``sign_in``.
    """
    reverification.require_recent(session)
    if not session.user.is_email_verified:
        raise ForbiddenError("Confirm your e-mail address first.", code="email_unverified")
    identity = _verified(credential, device)
    try:
        with transaction.atomic():
            user = _lock(session)
            account = _attach(user, identity)
            mail.send_later("accounts/social_linked", to=user.email, context={"provider": credential.provider.label})
    except IntegrityError:
        raise ConflictError("This identity is linked to an account already.", code="already_linked") from None
    return account


@transaction.atomic
def unlink(*, session: Session, account: SocialAccount) -> None:
    """Take one way to sign in away from the session's owner, and tell them by mail. Locks the user's row.

    Raises:
        ForbiddenError: ``reverification_required``.
        ConflictError: ``last_way_in``: they have no password, no passkey and no other provider.
    """
    reverification.require_recent(session)
    user = _lock(session)
    others = links_of(user).exclude(pk=account.pk)
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    if not (user.has_usable_password() or others.exists() or passkeys.exists()):
        raise ConflictError("Set a password first: this is the only way into the account.", code="last_way_in")
    if links_of(user).filter(pk=account.pk).delete()[0]:
        what = f"{provider_of(account).label} does not open your account any more."
        mail.send_later("accounts/sign_in_changed", to=user.email, context={"what": what})


def import_picture(*, account_id: int) -> None:
    """Make the provider's picture the user's own, if they have none. For the background."""
    account = SocialAccount.objects.select_related("user").filter(pk=account_id).first()
    if account is not None:
        avatars.import_avatar(user=account.user, url=account.extra_data["picture"])


def links_of(user: User) -> QuerySet[SocialAccount]:
    """The identities that ``user`` may sign in with, oldest first."""
    links: QuerySet[SocialAccount] = SocialAccount.objects.filter(user=user).order_by("pk")
    return links


def provider_of(account: SocialAccount) -> SignInMethod:
    """Whose identity it is."""
    return SignInMethod(account.provider.partition(":")[0])


def _verified(credential: Credential, device: Device) -> Identity:
    """What the provider says; a token that proves nothing counts against the client. Calls the provider."""
    doors.require_welcome(device=device)
    try:
        return verify(credential)
    except UnauthenticatedError:
        doors.turn_away(device=device)
        raise


def _lock(session: Session) -> User:
    """The session's owner, unless they were deactivated or erased, or the session has ended, a moment ago."""
    user: User | None = User.objects.select_for_update().active().filter(pk=session.user_id).first()
    if user is None or not Session.objects.live(clock.now()).filter(pk=session.pk).exists():
        raise UnauthenticatedError("Sign in first.")
    return user


def _find(identity: Identity) -> SocialAccount | None:
    found: SocialAccount | None = (
        SocialAccount.objects.select_related("user").filter(provider=identity.issuer, uid=identity.subject).first()
    )
    return found


@transaction.atomic
def _enter(account: SocialAccount, identity: Identity) -> User:
    """The account's owner; the token is used up."""
    _use_up(account.user, identity)
    SocialAccount.objects.filter(pk=account.pk).update(last_login=clock.now())
    user: User = account.user
    return user


def _open(identity: Identity) -> User:
    """A new account for an identity that nobody has; of any number of callers at once, one opens it."""
    if not identity.email:
        raise InvalidError("The provider tells no e-mail address. Register with one, then link.", code="email_needed")
    if not identity.is_email_verified:
        raise _ask_to_prove(identity)
    try:
        with transaction.atomic():
            user = User.objects.create_user(identity.email, email_verified_at=clock.now())
            _attach(user, identity)
            mail.send_later("accounts/welcome", to=user.email)
    except IntegrityError:
        # Somebody with this address was here before; perhaps the same person, a moment ago.
        account = _find(identity)
        if account is None:
            raise _link_required() from None
        return _enter(account, identity)
    return user


def _ask_to_prove(identity: Identity) -> DomainError:
    """The refusal for an address that the provider does not vouch for; the same whether or not the shop knows it.

    A new address gets an account that nobody can enter and nothing is linked to, and a code by mail. Who confirms it
    is signed in, and may link. An account that somebody could enter gets no code: whoever opened it with another
    person's address must not have it confirmed by them.
    """
    user, _ = User.objects.get_or_create(email=identity.email, defaults={"password": make_password(None)})
    if not (user.is_email_verified or user.has_usable_password()):
        codes.request_verification(email=user.email)
    elif codes.may_write_to(user.email, "already_registered"):
        mail.send_later("accounts/already_registered", to=user.email)
    return UnauthenticatedError("Confirm your e-mail address first: a mail is on its way.", code="email_unverified")


def _attach(user: User, identity: Identity) -> SocialAccount:
    """Link, use the token up, and take over what the user has not said of themselves.

    Raises:
        IntegrityError: somebody has this identity already.
    """
    _use_up(user, identity)
    account: SocialAccount = SocialAccount.objects.create(
        user=user,
        provider=identity.issuer,
        uid=identity.subject,
        extra_data={"email": identity.email, "picture": identity.picture},
    )
    if not user.get_full_name():
        user.first_name, user.last_name = identity.first_name, identity.last_name
        user.save(update_fields=["first_name", "last_name"])
    if identity.picture and not user.avatar:
        # By its row: a job is logged with all that it holds.
        queue.configure_task(IMPORT_TASK).defer(account_id=account.pk)
    return account


def _use_up(user: User, identity: Identity) -> None:
    """Let the token in once; the row outlives the minutes for which it would count.

    Raises:
        UnauthenticatedError: ``provider_token_invalid``: it has been used.
    """
    if not identity.fingerprint:
        return
    _, is_new = UsedPassword.objects.get_or_create(
        user=user, code_hash=identity.fingerprint, defaults={"used_at": clock.now()}
    )
    if not is_new:
        raise invalid()


def _link_required() -> ConflictError:
    return ConflictError(
        "There is an account with this e-mail address. Sign in to it, then link the provider.", code="link_required"
    )
