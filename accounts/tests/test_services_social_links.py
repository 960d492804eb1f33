"""Linking a provider to an account, and taking the link away."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import tasks
from accounts.models import UsedPassword, User
from accounts.services import avatars, erasure, social
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.stand_in import StandIn
from accounts.tests.test_services_social import VICTIM, code_of, jobs, link, make_link, make_session, proven, sign_in
from fantasize.core import clock

pytestmark = pytest.mark.django_db


def test_whoever_has_an_account_signs_in_to_it_and_links(provider: StandIn) -> None:
    user = proven()
    assert code_of(lambda: sign_in(provider.google_token())) == "link_required"
    link(user, provider.google_token())
    assert sign_in(provider.google_token()).user == user


def test_linking_takes_over_what_is_not_there_yet_and_tells_the_owner(provider: StandIn) -> None:
    user = proven(first_name="Augusta")
    account = link(user, provider.google_token(picture=f"{provider.url}/picture.png"))
    assert (account.user, account.provider, account.uid) == (user, "google", "ada-at-google")
    user.refresh_from_db()
    assert user.get_full_name() == "Augusta"
    assert user.email == VICTIM
    assert jobs() == {social.IMPORT_TASK: 1, "fantasize.core.tasks.send_mail": 1}


def test_the_providers_picture_is_fetched_in_the_background(provider: StandIn) -> None:
    account = link(proven(), provider.google_token(picture=f"{provider.url}/picture.png"))
    job = ProcrastinateJob.objects.get(task_name=social.IMPORT_TASK)
    assert job.args == {"account_id": account.pk}
    with patch.object(avatars, "import_avatar") as imported:
        tasks.import_picture(**job.args)
        SocialAccount.objects.all().delete()
        tasks.import_picture(**job.args)
    imported.assert_called_once_with(user=account.user, url=f"{provider.url}/picture.png")


def test_a_picture_that_is_there_stays(provider: StandIn) -> None:
    link(proven(avatar="avatars/mine.webp"), provider.google_token(picture=f"{provider.url}/picture.png"))
    assert social.IMPORT_TASK not in jobs()


def test_linking_asks_for_a_fresh_session_and_a_proven_address(provider: StandIn) -> None:
    user = proven()
    stale = clock.now() - timedelta(minutes=11)
    assert code_of(lambda: link(user, provider.google_token(), proven_at=stale)) == "reverification_required"
    squatter = make_user(email="victim@example.com", email_verified_at=None)
    assert code_of(lambda: link(squatter, provider.google_token())) == "email_unverified"
    assert not SocialAccount.objects.exists()
    assert provider.calls == []


def test_whoever_was_erased_while_the_provider_was_asked_is_linked_to_nothing(provider: StandIn) -> None:
    user, verified = proven(), social._verified

    def erase_meanwhile(*asked: Any) -> Any:
        identity = verified(*asked)
        erasure.erase(user=user)
        return identity

    with patch.object(social, "_verified", erase_meanwhile):
        assert code_of(lambda: link(user, provider.google_token())) == "not_authenticated"
    assert not SocialAccount.objects.exists()
    assert User.objects.get().get_full_name() == ""


def test_an_identity_belongs_to_one_account(provider: StandIn) -> None:
    owner, thief = proven(), proven(email="eve@example.com")
    link(owner, provider.google_token())
    assert code_of(lambda: link(thief, provider.google_token())) == "already_linked"
    assert code_of(lambda: link(owner, provider.google_token())) == "already_linked"
    assert SocialAccount.objects.get().user == owner
    assert not UsedPassword.objects.filter(user=thief).exists()


def test_a_session_that_has_ended_links_nothing(provider: StandIn) -> None:
    """It may have ended while the provider was asked: by a new password, say."""
    user = proven()
    assert code_of(lambda: link(user, provider.google_token(), revoked_at=clock.now())) == "not_authenticated"
    assert not SocialAccount.objects.exists()


def test_the_last_way_in_stays(provider: StandIn) -> None:
    user = sign_in(provider.google_token()).user
    session, account = make_session(user), SocialAccount.objects.get()
    assert code_of(lambda: social.unlink(session=session, account=account)) == "last_way_in"
    assert SocialAccount.objects.exists()


@pytest.mark.parametrize("other", ["password", "passkey", "facebook"])
def test_with_another_way_in_a_link_may_go(provider: StandIn, other: str) -> None:
    user = sign_in(provider.google_token()).user
    account = SocialAccount.objects.get()
    if other == "password":
        user.set_password(PASSWORD)
        user.save()
    elif other == "passkey":
        Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})
    else:
        make_link(user, "facebook")
    social.unlink(session=make_session(user, mfa_at=clock.now()), account=account)
    assert not SocialAccount.objects.filter(pk=account.pk).exists()


def test_a_code_generator_is_no_way_in(provider: StandIn) -> None:
    user = sign_in(provider.google_token()).user
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    account, session = SocialAccount.objects.get(), make_session(user, mfa_at=clock.now())
    assert code_of(lambda: social.unlink(session=session, account=account)) == "last_way_in"
    unshown = make_session(user)
    assert code_of(lambda: social.unlink(session=unshown, account=account)) == "reverification_required"


def test_unlinking_asks_for_a_fresh_session_and_ones_own_link(provider: StandIn) -> None:
    owner, thief = proven(), proven(email="eve@example.com")
    account = make_link(owner)
    stale = make_session(owner, proven_at=clock.now() - timedelta(minutes=11))
    assert code_of(lambda: social.unlink(session=stale, account=account)) == "reverification_required"
    social.unlink(session=make_session(thief), account=account)
    assert SocialAccount.objects.get() == account
