"""Access tokens: what ours prove, and that nothing else proves anything."""

import base64
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework_simplejwt.tokens import RefreshToken as LibraryRefreshToken

from accounts import tokens
from accounts.enums import RevokeReason
from accounts.models import Session
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from fantasize.core import clock
from fantasize.core.errors import UnauthenticatedError

pytestmark = pytest.mark.django_db

KEY = str(settings.SIMPLE_JWT["SIGNING_KEY"])


@pytest.fixture
def session() -> Session:
    return sessions.begin(user=make_user(), device=Device()).session


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def refused(token: str) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        tokens.authenticate_access(token)
    return caught.value.code


def test_a_token_says_who_where_and_what_and_proves_it_with_one_query(session: Session) -> None:
    token = tokens.issue_access(session)
    claims = claims_of(token)
    assert set(claims) == {"sub", "userId", "sid", "role", "rights", "iss", "aud", "exp", "iat", "jti", "token_type"}
    assert claims["sub"] == claims["userId"] == str(session.user_id)
    assert (claims["sid"], claims["role"]) == (str(session.pk), "customer")
    assert (claims["iss"], claims["aud"], claims["token_type"]) == ("fantasize", "fantasize-api", "access")
    assert claims["exp"] - claims["iat"] == settings.ACCESS_TOKEN_MINUTES * 60
    with CaptureQueriesContext(connection) as queries:
        principal = tokens.authenticate_access(token)
        assert principal.user.email == session.user.email
    assert len(queries) == 1
    assert (principal.session, principal.claims) == (session, claims)
    assert principal.expires_at == datetime.fromtimestamp(claims["exp"], UTC)


def test_two_tokens_differ(session: Session) -> None:
    assert claims_of(tokens.issue_access(session))["jti"] != claims_of(tokens.issue_access(session))["jti"]


def test_a_longer_life_can_be_asked_for(session: Session) -> None:
    claims = claims_of(tokens.issue_access(session, lifetime=timedelta(minutes=60)))
    assert claims["exp"] - claims["iat"] == 3600


def test_a_token_ends_on_the_minute(session: Session) -> None:
    now = clock.now()
    issued_at = now - timedelta(minutes=settings.ACCESS_TOKEN_MINUTES) + timedelta(seconds=30)
    with clock.frozen_at(issued_at):
        token = tokens.issue_access(session)
    assert tokens.authenticate_access(token).user == session.user
    with clock.frozen_at(now + timedelta(seconds=31)):
        assert refused(token) == "token_expired"


def test_a_token_that_has_really_expired_is_refused(session: Session) -> None:
    with clock.frozen_at(clock.now() - timedelta(days=1)):
        token = tokens.issue_access(session)
    assert refused(token) == "token_expired"


def test_a_revoked_session_ends_its_tokens_at_once(session: Session) -> None:
    token = tokens.issue_access(session)
    sessions.end(session_id=session.pk, reason=RevokeReason.LOGOUT)
    assert refused(token) == "token_invalid"


def test_a_session_past_its_end_ends_its_tokens(session: Session) -> None:
    Session.objects.update(expires_at=clock.now())
    assert refused(tokens.issue_access(session)) == "token_invalid"


def test_an_inactive_user_has_no_valid_token(session: Session) -> None:
    token = tokens.issue_access(session)
    session.user.is_active = False
    session.user.save()
    assert refused(token) == "token_invalid"


def test_a_session_of_somebody_else_proves_nothing(session: Session) -> None:
    token = forge(session, sub=str(make_user().pk))
    assert refused(token) == "token_invalid"


def forge(session: Session, *, key: Any = KEY, algorithm: str = "HS256", headers: Any = None, **changes: Any) -> str:
    """A token of ours with some claims changed (None takes one away), signed as told."""
    claims = {**claims_of(tokens.issue_access(session)), **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers=headers)


def segment(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def with_header(session: Session, header: Any) -> str:
    """A token of ours under another header, its signature kept."""
    _, body, signature = tokens.issue_access(session).split(".")
    return f"{segment(header)}.{body}.{signature}"


OTHER_KEY = "k" * 64
FORGERIES: dict[str, Callable[[Session], str]] = {
    "the forger signs like us": forge,
    "no signature": lambda session: forge(session, key=None, algorithm="none"),
    "alg none over our signature": lambda session: with_header(session, {"alg": "none", "typ": "JWT"}),
    "alg nOnE": lambda session: with_header(session, {"alg": "nOnE"}),
    "signature cut off": lambda session: tokens.issue_access(session).rpartition(".")[0] + ".",
    "another key": lambda session: forge(session, key=OTHER_KEY),
    "another hash of the same key": lambda session: forge(session, algorithm="HS512"),
    "a key id that names a file": lambda session: forge(session, key=OTHER_KEY, headers={"kid": "/dev/null"}),
    "its own key in the header": lambda session: forge(
        session, key=OTHER_KEY, headers={"jwk": {"kty": "oct", "k": segment(OTHER_KEY)}}
    ),
    "a key set elsewhere": lambda session: forge(session, key=OTHER_KEY, headers={"jku": "https://evil.example/keys"}),
    "an unknown critical header": lambda session: forge(session, headers={"crit": ["x"], "x": 1}),
    "another issuer": lambda session: forge(session, iss="evil"),
    "no issuer": lambda session: forge(session, iss=None),
    "another audience": lambda session: forge(session, aud="fantasize-admin"),
    "no audience": lambda session: forge(session, aud=None),
    "no expiry": lambda session: forge(session, exp=None),
    "an expiry that is none": lambda session: forge(session, exp="never"),
    "issued in the future": lambda session: forge(session, iat=4102444800),
    "not valid yet": lambda session: forge(session, nbf=4102444800),
    "no id": lambda session: forge(session, jti=None),
    "no type": lambda session: forge(session, token_type=None),
    "a refresh token's type": lambda session: forge(session, token_type="refresh"),
    "the library's refresh token": lambda session: str(LibraryRefreshToken.for_user(session.user)),
    "our refresh token": lambda _: tokens.new_refresh_token(),
    "no session": lambda session: forge(session, sid=None),
    "a session that is no id": lambda session: forge(session, sid="1 OR 1=1"),
    "a session that is a list": lambda session: forge(session, sid=[str(session.pk)]),
    "a session that is a number": lambda session: forge(session, sid=7),
    "an unknown session": lambda session: forge(session, sid=str(uuid.uuid4())),
    "no user": lambda session: forge(session, sub=None),
    "an unknown user": lambda session: forge(session, sub=str(uuid.uuid4())),
    "a user that is a number": lambda session: forge(session, sub=7),
    "another user in the old claim only": lambda session: forge(session, sub="", userId=str(session.user_id)),
    "the role grown": lambda session: forge(session, key=OTHER_KEY, role="administrator"),
    "a body of its own": lambda _: ".".join([segment({"alg": "HS256"}), segment({"sub": "x"}), "AAAA"]),
    "a body that is a list": lambda _: jwt.api_jws.encode(b"[]", KEY, algorithm="HS256"),
    "a body that is no JSON": lambda _: jwt.api_jws.encode(b"\xff\xfe", KEY, algorithm="HS256"),
    "a header of brackets": lambda session: with_header(session, "[" * 700),
    "huge": lambda session: forge(session, padding="x" * 100_000),
    "a little too long": lambda session: forge(session, padding="x" * 2048),
    "nothing": lambda _: "",
    "dots": lambda _: "..",
    "five parts": lambda session: tokens.issue_access(session) + ".a.b",
    "odd characters": lambda _: "\N{SNOWMAN}.\x00.\N{PILE OF POO}",
    "a lone surrogate": lambda _: "\ud800.a.b",
}


@pytest.mark.parametrize("name", [name for name in FORGERIES if name != "the forger signs like us"])
def test_a_forged_token_is_refused(session: Session, name: str) -> None:
    assert refused(FORGERIES[name](session)) == "token_invalid"


def test_the_forger_would_succeed_with_our_key(session: Session) -> None:
    """The control: what makes the forgeries above fail is what each of them changes."""
    assert tokens.authenticate_access(FORGERIES["the forger signs like us"](session)).session == session


def test_refresh_tokens_are_long_random_and_known_by_their_hash() -> None:
    made = {tokens.new_refresh_token() for _ in range(100)}
    assert len(made) == 100
    assert all(token.startswith("fzr_") and len(token) == 4 + 43 for token in made)
    assert len({tokens.hash_refresh_token(token) for token in made}) == 100
    assert all(token not in tokens.hash_refresh_token(token) for token in made)
