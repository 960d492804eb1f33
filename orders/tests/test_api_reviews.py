"""Special requests over HTTP: what staff decide, what shoppers see of it and agree to."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.tests.factories import make_user
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient, Reply
from orders.enums import LinkScope, OrderStatus
from orders.models import LineReview, Order
from orders.services import links
from orders.tests.factories import make_order, put_under_review
from orders.tests.special import decide, lines_of, order_special

pytestmark = pytest.mark.django_db
S = OrderStatus


def review(client: ApiClient, order: Order, *, version: int | str = "*", **body: Any) -> Reply:
    sent = {"line": lines_of(order)[0].pk, "decision": "approve", **body}
    tag = version if version == "*" else f'"{version}"'
    return client.call("POST", f"/orders/{order.pk}/review", sent, If_Match=str(tag))


@pytest.fixture
def staff() -> ApiClient:
    return ApiClient(make_user(role="manager"))


def test_staff_see_a_note_that_shoppers_do_not(staff: ApiClient) -> None:
    user = make_user()
    order = order_special(user, lines=2, plain=1)
    said = review(staff, order, extra_charge="2.50", note="Between us")
    assert said.status == 200
    assert [line["review"] and line["review"]["state"] for line in said.data["lines"]] == ["approved", "waiting", None]
    shown = {"state": "approved", "reason": "", "extra_charge": "2.50"}
    assert said.data["lines"][0]["review"] == {**shown, "note": "Between us"}
    mine = ApiClient(user).get(f"/orders/{order.pk}").data
    assert mine["lines"][0]["review"] == shown
    assert (mine["lines"][0]["line_total"], mine["totals"]["total"], mine["awaits_acceptance"]) == (
        "12.50",
        "32.50",
        False,
    )


def test_the_shopper_is_told_of_what_to_change_and_agrees_to_what_it_costs(staff: ApiClient) -> None:
    user = make_user()
    shopper, order = ApiClient(user), order_special(user)
    asked = review(staff, order, decision="request_change", reason="Gold is out.", note="Between us")
    assert (asked.status, asked.data["status"]) == (200, S.UNDER_REVIEW)
    track = shopper.get(f"/orders/{order.pk}/track")
    assert track.data["events"][-1]["data"]["details"]["reason"] == "Gold is out."
    assert b"Between us" not in track.content
    approved = review(staff, order, version=asked.data["version"], extra_charge="5.00")
    assert (approved.data["status"], approved.data["awaits_acceptance"]) == (S.PENDING, True)
    path = f"/orders/{order.pk}/accept-quote"
    refused = shopper.post(path, {"expected_total": "10.00"})
    assert (refused.status, refused.body["code"], refused.body["total"]) == (409, "price_changed", "15.00")
    paying = shopper.post(f"/orders/{order.pk}/checkout", {}, Idempotency_Key="a")
    assert (paying.status, paying.body["code"]) == (409, "quote_not_accepted")
    agreed = shopper.post(path, {"expected_total": "15.00"})
    assert (agreed.status, agreed.data["awaits_acceptance"]) == (200, False)
    assert shopper.post(f"/orders/{order.pk}/checkout", {}, Idempotency_Key="b").status == 200


def test_who_acts_on_what_they_saw_before_is_refused(staff: ApiClient) -> None:
    order = order_special(lines=2)
    assert review(staff, order, version=order.version).status == 200
    assert review(staff, order, version=order.version).status == 412
    again = review(staff, order)
    assert (again.status, again.body["code"]) == (409, "review_closed")
    missing = staff.post(f"/orders/{order.pk}/review", {"line": lines_of(order)[1].pk, "decision": "approve"})
    assert missing.status == 428
    assert DomainEvent.objects.filter(name="order_staff.line_reviewed").count() == 1


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"decision": "maybe"}, {"/decision": "invalid_choice"}),
        ({"decision": "reject"}, {"/reason": "required"}),
        ({"line": 1}, {"/line": "does_not_exist"}),
        ({"line": "x", "extra_charge": "-1"}, {"/line": "invalid", "/extra_charge": "min_value"}),
        ({"status": "pending"}, {"/status": "unknown_field"}),
    ],
)
def test_what_makes_no_sense_is_named(staff: ApiClient, body: dict[str, Any], faults: dict[str, str]) -> None:
    order = order_special()
    answer = review(staff, order, **body)
    assert (answer.status, answer.faults) == (422, faults)
    assert Order.objects.get(pk=order.pk).version == order.version


def test_only_staff_decide_and_only_shoppers_agree(staff: ApiClient) -> None:
    user = make_user()
    order = order_special(user)
    assert review(ApiClient(user), order).status == 403
    assert review(ApiClient(make_user()), order).status == 404
    assert staff.post(f"/orders/{order.pk}/accept-quote", {"expected_total": "10.00"}).status == 403
    assert Order.objects.get(pk=order.pk).version == order.version


def test_guests_agree_by_their_link() -> None:
    order = order_special()
    token = links.issue(order, scope=LinkScope.OWNER, actor="system")
    decide(lines_of(order)[0], extra_charge="1.00")
    guest = ApiClient()
    agreed = guest.post(f"/orders/{order.pk}/accept-quote", {"expected_total": "11.00"}, X_Order_Token=token)
    assert (agreed.status, agreed.data["awaits_acceptance"]) == (200, False)
    event = DomainEvent.objects.get(name="order.quote_accepted")
    assert event.actor.startswith("link:")


def test_the_list_knows_what_staff_have_to_look_at(staff: ApiClient) -> None:
    waiting, asked, approved = (order_special() for _ in range(3))
    undecided = put_under_review(make_order())
    review(staff, asked, decision="request_change", reason="Which?")
    review(staff, approved)
    found = {
        wanted: {row["id"] for row in staff.get(f"/orders?needs_review={wanted}").data} for wanted in ("true", "false")
    }
    assert found == {"true": {str(waiting.pk), str(undecided.pk)}, "false": {str(asked.pk), str(approved.pk)}}
    assert staff.get("/orders?needs_review=perhaps").status == 422


def test_status_list_and_board_agree_once_a_shopper_has_taken_out_what_waited(staff: ApiClient) -> None:
    user = make_user()
    order, asked = order_special(user, lines=2), order_special(user, plain=1)
    review(staff, order)
    review(staff, asked, decision="request_change", reason="Which?")
    for changed, kept in ((order, lines_of(order)[0]), (asked, lines_of(asked)[1])):
        reply = ApiClient(user).call("PATCH", f"/orders/{changed.pk}", {"lines": [{"id": kept.pk}]})
        assert (reply.status, reply.data["status"], reply.headers["ETag"]) == (200, S.PENDING, f'"{fresh(changed)}"')
    assert staff.get("/orders?needs_review=true").data == []
    waiting = LineReview.objects.all()
    assert not (waiting.needing_approval() | waiting.needing_change()).exists()
    assert {row["status"] for row in staff.get("/orders?needs_review=false").data} == {S.PENDING}


def test_nobody_has_anything_left_to_decide_or_to_agree_to_once_the_order_was_called_off(staff: ApiClient) -> None:
    user = make_user()
    shopper = ApiClient(user)
    rejected, untouched, asked, approved = (order_special(user, lines=2, plain=1) for _ in range(4))
    assert review(staff, rejected, decision="reject", reason="No gold.").status == 200
    assert review(staff, asked, decision="request_change", reason="Which?").status == 200
    for line in lines_of(approved)[:2]:
        assert review(staff, approved, line=line.pk, extra_charge="2.00").status == 200
    assert shopper.get(f"/orders/{approved.pk}").data["awaits_acceptance"] is True
    for order in (untouched, asked, approved):
        assert shopper.post(f"/orders/{order.pk}/cancel", {}).status == 200
    expected = {
        rejected: ["rejected", "closed", None],
        untouched: ["closed", "closed", None],
        asked: ["closed", "closed", None],
        approved: ["approved", "approved", None],
    }
    for who in (shopper, staff):
        for order, states in expected.items():
            shown = who.get(f"/orders/{order.pk}").data
            assert [line["review"] and line["review"]["state"] for line in shown["lines"]] == states
            assert shown["awaits_acceptance"] is False
    assert staff.get("/orders?needs_review=true").data == []


def fresh(order: Order) -> int:
    return Order.objects.values_list("version", flat=True).get(pk=order.pk)


def test_the_shopper_changes_what_staff_asked_for_and_nothing_that_they_approved(staff: ApiClient) -> None:
    user = make_user()
    shopper, order = ApiClient(user), order_special(user, plain=1)
    special, plain = lines_of(order)

    def edit(*lines: dict[str, Any]) -> Reply:
        return shopper.call("PATCH", f"/orders/{order.pk}", {"lines": lines}, If_Match="*", Idempotency_Key=uuid4().hex)

    review(staff, order, decision="request_change", reason="Gold is out.")
    changed = edit({"id": special.pk, "answers": {"special": "In silver"}}, {"id": plain.pk})
    assert (changed.status, changed.data["lines"][0]["review"]["state"]) == (200, "waiting")
    names = DomainEvent.objects.filter(aggregate_id=str(order.pk)).values_list("name", flat=True)
    assert "order.resubmitted" in names
    assert review(staff, order, extra_charge="4.00").data["status"] == S.PENDING
    before = shopper.get(f"/orders/{order.pk}").data
    tried: list[list[dict[str, Any]]] = [
        [{"id": special.pk, "answers": {"special": "In gold"}}, {"id": plain.pk}],
        [{"id": special.pk}, {"id": plain.pk, "answers": {"special": "A new wish"}}],
        [{"id": special.pk, "quantity": 2}, {"id": plain.pk}],
    ]
    for lines in tried:
        refused = edit(*lines)
        assert (refused.status, refused.body["code"]) == (409, "approval_bound")
    assert shopper.get(f"/orders/{order.pk}").data == before
    more = edit({"id": special.pk}, {"id": plain.pk, "quantity": 2})
    assert (more.status, more.data["totals"]["total"], more.data["awaits_acceptance"]) == (200, "34.00", True)
    without = edit({"id": plain.pk, "quantity": 3})
    assert (without.status, without.data["totals"]["total"], without.data["awaits_acceptance"]) == (200, "30.00", False)
