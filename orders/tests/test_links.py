"""Links to one order: whom they let in, until when, and to what."""

from datetime import timedelta

import pytest
from django.conf import settings
from pytest_django import DjangoAssertNumQueries

from accounts.tests.factories import make_user
from fantasize.core import clock
from fantasize.core.errors import NotFoundError
from orders import policies, selectors
from orders.enums import LinkScope, OrderStatus, Role
from orders.errors import LinkRevokedError
from orders.models import Order, OrderLink
from orders.services import links, privacy
from orders.tests.factories import make_order, move

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(pending: Order) -> Order:
    return pending


def test_the_token_is_shown_once_and_kept_nowhere(
    django_assert_num_queries: DjangoAssertNumQueries, order: Order
) -> None:
    with django_assert_num_queries(1):
        token = links.issue(order, scope=LinkScope.OWNER, actor="system")
    link = OrderLink.objects.get()
    assert len(token) >= 43
    assert token not in str(OrderLink.objects.values().get())
    assert (link.order, link.created_by, link.revoked_at) == (order, "system", None)
    assert link.expires_at - link.created_at == timedelta(days=settings.ORDER_LINK_DAYS)


def test_two_links_to_an_order_have_nothing_in_common(order: Order) -> None:
    first, second = (links.issue(order, scope=LinkScope.OWNER, actor="system") for _ in range(2))
    assert first != second
    assert links.get_holder(first).link_id != links.get_holder(second).link_id


def test_a_token_speaks_for_the_holder_of_its_link(
    django_assert_num_queries: DjangoAssertNumQueries, order: Order
) -> None:
    new = links.create(order, scope=LinkScope.RECIPIENT, actor="system")
    with django_assert_num_queries(1):
        holder = links.find_holder(new.token)
    assert holder == policies.LinkHolder(order.pk, LinkScope.RECIPIENT, new.link.pk)
    assert holder.actor == f"link:{new.link.pk}"


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "a" * 43, "a" * 44, "\x00" * 43])
def test_a_wrong_token_is_like_an_absent_order(token: str) -> None:
    links.issue(make_order(), scope=LinkScope.OWNER, actor="system")
    assert links.find_holder(token) is None
    with pytest.raises(NotFoundError):
        links.get_holder(token)


def test_a_link_runs_out() -> None:
    token = links.issue(make_order(), scope=LinkScope.OWNER, actor="system")
    end = OrderLink.objects.get().expires_at
    with clock.frozen_at(end - timedelta(seconds=1)):
        assert links.find_holder(token)
        assert OrderLink.objects.get().is_live
    with clock.frozen_at(end):
        assert links.find_holder(token) is None
        assert not OrderLink.objects.get().is_live


def test_a_revoked_link_says_so_until_it_has_run_out() -> None:
    new = links.create(make_order(), scope=LinkScope.OWNER, actor="system")
    links.revoke(link_id=new.link.pk, actor="user:1")
    with pytest.raises(LinkRevokedError):
        links.find_holder(new.token)
    with clock.frozen_at(new.link.expires_at):
        assert links.find_holder(new.token) is None


def test_it_is_revoked_once() -> None:
    new = links.create(make_order(), scope=LinkScope.OWNER, actor="system")
    links.revoke(link_id=new.link.pk, actor="user:1")
    first = OrderLink.objects.get().revoked_at
    links.revoke(link_id=new.link.pk, actor="user:2")
    link = OrderLink.objects.get()
    assert (link.revoked_at, link.revoked_by) == (first, "user:1")
    assert not link.is_live


def holder_of(order: Order, scope: LinkScope) -> policies.LinkHolder:
    """Somebody with a new link to the order."""
    return links.get_holder(links.issue(order, scope=scope, actor="system"))


def test_the_owners_link_opens_that_order_alone() -> None:
    order, other = make_order(), make_order()
    holder = holder_of(order, LinkScope.OWNER)
    assert list(policies.for_actor(holder)) == list(policies.trackable_by(holder)) == [order]
    assert policies.role_of(holder, order) is Role.OWNER
    assert policies.can_pay(holder, order)
    assert policies.sees_prices(holder)
    assert policies.role_of(holder, other) is None
    assert not policies.can_pay(holder, other)
    assert selectors.get_order(holder, str(order.number)) == order
    with pytest.raises(NotFoundError):
        selectors.get_order(holder, str(other.pk))


def test_the_recipients_link_shows_the_way_and_nothing_else() -> None:
    order, other = make_order(), make_order()
    holder = holder_of(order, LinkScope.RECIPIENT)
    assert not policies.for_actor(holder).exists()
    assert not policies.payments_for(holder).exists()
    assert policies.role_of(holder, order) is None
    assert not policies.can_pay(holder, order)
    assert not policies.sees_prices(holder)
    assert policies.allowed_transitions(holder, order) == []
    assert selectors.get_trackable(holder, str(order.pk)) == order
    for lookup in (str(other.pk), str(other.number), "nonsense"):
        with pytest.raises(NotFoundError):
            selectors.get_trackable(holder, lookup)


@pytest.mark.parametrize("scope", LinkScope)
def test_a_link_is_no_way_into_the_house(scope: LinkScope) -> None:
    holder = holder_of(make_order(), scope)
    assert not policies.can_see_all(holder)
    assert not policies.can_move(holder)


def test_people_follow_what_they_may_read() -> None:
    owner = make_user()
    order, _ = make_order(user=owner), make_order()
    assert list(policies.trackable_by(owner)) == [order]
    assert policies.sees_prices(owner)


def test_links_to_the_orders_of_who_is_forgotten_are_gone() -> None:
    user = make_user()
    order, other = make_order(user=user), make_order()
    tokens = [links.issue(each, scope=LinkScope.OWNER, actor="guest") for each in (order, other)]
    move(order, OrderStatus.CANCELLED)
    privacy.forget(user.pk)
    assert [bool(links.find_holder(token)) for token in tokens] == [False, True]


def test_a_link_that_was_good_a_moment_ago_is_asked_again(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    link = links.create(make_order(), scope=LinkScope.OWNER, actor="system").link
    with django_assert_num_queries(1):
        links.require_live(link.pk)
    with clock.frozen_at(link.expires_at), pytest.raises(NotFoundError):
        links.require_live(link.pk)
    links.revoke(link_id=link.pk, actor="system")
    with pytest.raises(LinkRevokedError):
        links.require_live(link.pk)
