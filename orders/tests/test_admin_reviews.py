"""The review board: what waits, a line with all that a decision takes, and the decision."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from customizations.models import BlockedWord
from customizations.tests.factories import SPECIAL
from fantasize.tests.staff import make_viewer, said, signed_in
from orders.admin.moves import BUSY, CHANGED_MEANWHILE
from orders.enums import Decision, OrderStatus, ReviewState
from orders.models import LineReview, Order
from orders.services import reviews
from orders.services.baskets import LineRequest
from orders.tests.customized import PHOTO, make_customizable, place, send_picture
from orders.tests.factories import move
from orders.tests.special import WISH, decide, lines_of, make_special, order_special, review_of

pytestmark = pytest.mark.django_db
S = OrderStatus
QUEUE = "/admin/orders/linereview/"


def press(client: Client, order: Order, *, version: Any = None, line: Any = None, **fields: Any) -> Any:
    form = {"line": line or lines_of(order)[0].pk, "version": version or order.version, "decision": "approve"}
    return client.post(f"/admin/orders/order/{order.pk}/review/", {**form, **fields})


def page(client: Client, order: Order) -> str:
    return str(client.get(f"/admin/orders/order/{order.pk}/change/").content.decode())


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_everything_that_a_decision_takes_is_side_by_side() -> None:
    user = make_user()
    product = make_customizable(PHOTO, SPECIAL, stock=9)
    BlockedWord.objects.create(word="mist")
    answers = {"colour": "gold", "name": "Ada", "photo": str(send_picture(user).pk), "special": "Mist on it"}
    order = place(user, LineRequest(product.pk, 2, answers=answers))
    shown, (line,) = page(signed_in(), order), lines_of(order)
    card = shown[shown.index(f'id="review-{line.pk}"') : shown.index("</section>", shown.index('data-review-line="'))]
    assert card.count("data-special-answer") == 1
    for expected in (
        "Name to engrave",
        "Gold leaf",
        "+ 4.50 USD each",
        "Mist on it",
        f"/proofs/{line.customizations[0]['proof']}/large/",
        answers["photo"],
        "Blocked: mist",
        'data-check="resolution"',
        'data-check="fit"',
        'data-special="waiting"',
    ):
        assert expected in card
    assert [card.count(f'data-decide="{decision}"') for decision in Decision.values] == [1, 1, 1]
    assert 'data-move="pending"' not in shown


def test_an_approval_leads_to_the_next_line_that_waits() -> None:
    client = signed_in(manager := make_user(role="manager"))
    first, second = order_special(lines=2), order_special()
    line, other = lines_of(first)
    answer = press(client, first, extra_charge="2.50", note="Nice")
    assert said(answer) == [f"Order {first.number}: approved."]
    assert answer["Location"] == f"/admin/orders/order/{first.pk}/change/#review-{other.pk}"
    assert (review_of(line).state, review_of(line).note) == (ReviewState.APPROVED, "Nice")
    assert review_of(line).decided_by == manager.actor
    answer = press(client, fresh(first), line=other.pk)
    assert answer["Location"] == f"/admin/orders/order/{second.pk}/change/#review-{lines_of(second)[0].pk}"
    assert fresh(first).status == S.PENDING
    assert "has not accepted the new total of 22.50 USD" in page(client, first)
    assert press(client, second)["Location"] == QUEUE


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"decision": "reject"}, "Say why: the customer will read it."),
        ({"decision": "perhaps"}, "Decision: "),
        ({"line": 1}, "This line needs no approval."),
        ({"line": "x"}, "Line: "),
        ({"version": 7}, CHANGED_MEANWHILE),
        ({"extra_charge": "-1"}, "Extra charge: "),
    ],
)
def test_what_is_refused_is_said_and_changes_nothing(fields: dict[str, Any], message: str) -> None:
    order = order_special()
    answer = press(signed_in(), order, **fields)
    assert said(answer)[0].startswith(message)
    assert answer["Location"].startswith(f"/admin/orders/order/{order.pk}/change/#review-")
    assert (fresh(order).version, review_of(lines_of(order)[0]).state) == (order.version, ReviewState.WAITING)


def test_who_comes_second_is_told_and_sees_how_it_stands() -> None:
    order, client = order_special(lines=2), signed_in()
    line = lines_of(order)[0]
    decide(line, Decision.REQUEST_CHANGE, reason="Which gold?")
    assert said(press(client, order)) == [CHANGED_MEANWHILE]
    assert "Which gold?" in page(client, order)
    assert review_of(line).state == ReviewState.CHANGE_REQUESTED


def test_a_lock_that_cannot_be_had_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(**_more: object) -> None:
        raise OperationalError

    monkeypatch.setattr(reviews, "decide", wait)
    assert said(press(signed_in(), order_special())) == [BUSY]


def test_who_only_looks_sees_no_buttons_and_decides_nothing() -> None:
    order = order_special()
    viewer = signed_in(make_viewer("orders.view_order", "orders.view_linereview"))
    shown = page(viewer, order)
    assert WISH in shown
    assert "data-decide" not in shown
    assert press(viewer, order).status_code == 403
    assert viewer.get(f"/admin/orders/order/{order.pk}/review/").status_code == 405
    assert fresh(order).version == order.version
    decide(lines_of(order)[0])
    assert "data-decide" not in page(signed_in(), order)


def test_the_queues_know_how_much_waits_for_whom() -> None:
    client = signed_in()
    waiting, asked, costly, _ = (order_special() for _ in range(4))
    decide(lines_of(asked)[0], Decision.REQUEST_CHANGE, reason="Which?")
    decide(lines_of(costly)[0], extra_charge="3")
    shown = client.get(QUEUE)
    assert [(tab.queue.label, tab.count, bool(tab.oldest)) for tab in shown.context["tabs"]] == [
        ("Needs approval", 2, True),
        ("Change requested", 1, True),
        ("Waiting for the customer", 1, True),
    ]
    numbers = {
        name: {review.line.order.number for review in client.get(f"{QUEUE}?queue={name}").context["cl"].result_list}
        for name in ("needing_change", "needing_acceptance", "nonsense")
    }
    assert numbers["needing_change"] == {asked.number}
    assert numbers["needing_acceptance"] == {costly.number}
    assert waiting.number in numbers["nonsense"]


def test_an_order_with_nothing_left_to_decide_about_can_be_let_go_on_from_its_page() -> None:
    client, order = signed_in(), order_special(lines=2)
    first, second = lines_of(order)
    decide(first)
    assert 'data-move="pending"' not in page(client, order)
    second.delete()
    assert 'data-move="pending"' in page(client, order)


def test_the_page_of_an_order_that_was_called_off_has_nothing_waiting() -> None:
    order, costly = order_special(lines=2), order_special()
    decide(lines_of(order)[0], Decision.REJECT, reason="No gold.")
    decide(lines_of(costly)[0], extra_charge="2.00")
    client = signed_in()
    assert "data-awaits-acceptance" in page(client, costly)
    move(costly, S.CANCELLED)
    shown = page(client, order)
    assert [shown.count(f'data-special="{state}"') for state in ("rejected", "closed", "waiting")] == [1, 1, 0]
    assert "data-awaits-acceptance" not in page(client, costly)


def test_a_row_leads_to_its_line() -> None:
    order, client = order_special(), signed_in()
    review = LineReview.objects.get()
    answer = client.get(f"{QUEUE}{review.pk}/change/")
    assert answer["Location"] == f"/admin/orders/order/{order.pk}/change/#review-{review.line_id}"
    assert client.post(f"{QUEUE}{review.pk}/change/").status_code == 405
    assert client.get(f"{QUEUE}999/change/").status_code == 302


def test_the_page_and_the_queue_cost_the_same_for_many_lines() -> None:
    client, product, counts = signed_in(), make_special(), []
    for lines in (1, 5):
        order = order_special(lines=lines, product=product)
        with CaptureQueriesContext(connection) as captured:
            page(client, order)
        counts.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            client.get(QUEUE)
        counts.append(len(captured))
    assert counts[:2] == counts[2:]
