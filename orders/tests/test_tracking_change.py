"""Answering anew on the tracking page what staff want otherwise: without an account, and without JavaScript."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.tests.factories import make_user
from customizations.models import Upload
from customizations.tests.factories import SPECIAL
from fantasize.core import card_numbers, invariants
from fantasize.core.models import DomainEvent
from orders.enums import Decision, LinkScope, OrderStatus, PaymentMethod, ReviewOutcome
from orders.models import Order
from orders.services import customers, links
from orders.services.baskets import LineRequest
from orders.services.checkout import place_order
from orders.tests.customized import PHOTO, make_customizable, make_customizable_package, make_picture
from orders.tests.factories import ADDRESS
from orders.tests.special import decide, lines_of, order_special, review_of

pytestmark = pytest.mark.django_db

WISH = {"colour": "red", "name": "Ada", "special": "In gold leaf"}


def order_of_guest(*lines: LineRequest, principal: str = "") -> Order:
    guest = customers.guest(email="ada@example.com", principal=principal)
    return place_order(customer=guest, lines=lines, payment_method=PaymentMethod.HOSTED, shipping_address=ADDRESS)


def make_asked(*, reason: str = "Not in <gold>.", principal: str = "", **answers: str) -> tuple[Order, str]:
    """A guest's order of a mug, of which staff want something otherwise, and its page."""
    mug = make_customizable(PHOTO, SPECIAL, price="10.00", stock=9)
    order = order_of_guest(LineRequest(mug.pk, 1, answers={**WISH, **answers}), principal=principal)
    return asked(order, reason)


def asked(order: Order, reason: str = "Not like this.") -> tuple[Order, str]:
    decide(lines_of(order)[0], Decision.REQUEST_CHANGE, reason=reason)
    return Order.objects.get(pk=order.pk), "/track/" + links.issue(order, scope=LinkScope.OWNER, actor="system")


def send(path: str, order: Order, *, total: Any = None, line: Any = None, **answers: Any) -> Any:
    """Post the form as a browser does: everything that it asks; what has a hyphen is the name of an input."""
    form = {key if "-" in key else f"answer--{key}": value for key, value in {**WISH, **answers}.items()}
    form |= {"action": "change", "line": (line or lines_of(order)[0]).pk, "total": total or order.total}
    return Client().post(path, form)


def answers_of(order: Order) -> Any:
    return lines_of(order)[0].customizations[0]["answers"]


def png(colour: str = "red", size: tuple[int, int] = (8, 6)) -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", size, colour).save(content, "PNG")
    return SimpleUploadedFile("../me.png", content.getvalue(), "image/png")


def test_a_guest_answers_anew_and_staff_look_again() -> None:
    order, path = make_asked()
    page = Client().get(path).content.decode()
    for text in ("Not in &lt;gold&gt;.", 'value="In gold leaf"', "Name to engrave", 'maxlength="24"', "Send it again"):
        assert text in page
    # Without JavaScript a page that looked again by itself would take away what was typed.
    assert 'http-equiv="refresh"' not in page
    assert send(path, order, special="In silver", name=" Grace ").status_code == 303
    assert answers_of(order) == {"colour": "red", "name": "Grace", "special": "In silver"}
    assert review_of(lines_of(order)[0]).outcome == ReviewOutcome.WAITING
    assert DomainEvent.objects.filter(name="order.resubmitted", aggregate_id=str(order.pk)).count() == 1
    page = Client().get(path).content.decode()
    assert "Send it again" not in page
    assert 'http-equiv="refresh"' in page
    twice = send(path, order, special="In silver", name=" Grace ")
    assert (twice.status_code, "We have it already" in twice.content.decode()) == (409, True)
    assert not any(invariants.violations().values())


def test_the_form_knows_that_it_is_ours() -> None:
    order, path = make_asked()
    browser = Client(enforce_csrf_checks=True)
    form = browser.get(path).content.decode().split('class="change"')[1]
    token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    said = {"action": "change", "line": lines_of(order)[0].pk, "total": order.total, "answer--colour": "red"}
    assert browser.post(path, said).status_code == 403
    assert browser.post(path, {**said, "csrfmiddlewaretoken": token}).status_code == 303
    assert answers_of(order) == {"colour": "red"}


def test_what_costs_more_is_agreed_to_first() -> None:
    order, path = make_asked()
    dearer = {"name": "Grace Brewster", "colour": "gold"}
    answer = send(path, order, **dearer)
    page = answer.content.decode()
    assert (answer.status_code, answers_of(order)) == (422, WISH)
    assert "Do you agree?" in page
    assert 'value="Grace Brewster"' in page
    shown = page.split('name="total" value="')[1].split('"')[0]
    assert f"costs {shown} USD" in page
    assert f"Send it for {shown} USD" in page
    assert send(path, order, total=shown, **dearer).status_code == 303
    order.refresh_from_db()
    assert str(order.total) == shown
    assert answers_of(order)["colour"] == "gold"


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"name": "x" * 25}, "At most 24 characters."),
        ({"name": "a\u202eb"}, "These characters cannot be here: U+202E."),
        ({"colour": ""}, "Please answer this."),
        ({"colour": "plaid"}, "&#x27;Colour&#x27; has no choice &#x27;plaid&#x27;."),
        ({"special": "4111 1111 1111 1111"}, card_numbers.MESSAGE),
        ({"photo": png(), "colour": "gold", "new-answer--photo": png(size=(2, 2))}, "at least 4 by 4 pixels"),
        ({"new-answer--photo": SimpleUploadedFile("x.png", b"GIF89a")}, "Only JPEG, PNG and WebP images are taken."),
        ({"new-answer--photo": SimpleUploadedFile("x.png", b"x" * (10 * 1024 * 1024 + 1))}, "10 MiB"),
        ({"photo": str(uuid4())}, "There is no such upload."),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_what_was_typed_stays(answers: dict[str, Any], fault: str) -> None:
    order, path = make_asked()
    answer = send(path, order, **{"special": "In <silver>", **answers})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert fault in page.split('<p class="fault" role="alert">')[1].split("</p>")[0]
    assert answers_of(order) == WISH
    if "special" not in answers:
        assert 'value="In &lt;silver&gt;"' in page
    assert review_of(lines_of(order)[0]).outcome == ReviewOutcome.CHANGE_REQUESTED


def test_what_is_the_same_is_not_sent_again() -> None:
    order, path = make_asked()
    answer = send(path, order)
    assert answer.status_code == 422
    assert "That is what we have already." in answer.content.decode()
    assert not DomainEvent.objects.filter(name="order.resubmitted").exists()


def test_a_guest_sends_another_picture_and_the_old_one_may_stay() -> None:
    old = make_picture("cart:1")
    order, path = make_asked(colour="gold", photo=str(old.pk), principal="cart:1")
    assert "We have your picture." in Client().get(path).content.decode()
    kept = send(path, order, colour="gold", photo=str(old.pk), special="In silver")
    assert (kept.status_code, answers_of(order)["photo"]) == (303, str(old.pk))
    asked(order)
    another = {"photo": str(old.pk), "new-answer--photo": png("blue")}
    answer = send(path, order, colour="gold", special="In silver", **another)
    assert answer.status_code == 303
    new = Upload.objects.exclude(pk=old.pk).get()
    assert answers_of(order)["photo"] == str(new.pk)
    assert (new.owner.partition(":")[0], new.kept_at is None) == ("link", False)


def test_nobody_sends_pictures_without_end(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "uploads": "2/1h"}
    order, path = make_asked(name="Ada")
    for _ in range(2):
        refused = send(path, order, colour="gold", name="x" * 25, **{"new-answer--photo": png()})
        assert "At most 2 calls" not in refused.content.decode()
    assert "At most 2 calls" in send(path, order, colour="gold", **{"new-answer--photo": png()}).content.decode()
    assert Upload.objects.count() == 2


def test_somebody_else_s_picture_is_not_there() -> None:
    foreign = make_picture("user:somebody")
    order, path = make_asked()
    assert send(path, order, photo=str(foreign.pk)).status_code == 422
    assert answers_of(order) == WISH


def test_what_is_not_asked_any_more_goes_and_what_is_asked_now_comes() -> None:
    when = {"option": "colour", "in": ["gold"]}
    motto = {"key": "motto", "type": "text", "label": "A motto", "max_length": 20, "required": True, "when": when}
    mug = make_customizable(motto, SPECIAL, stock=9)
    order, path = asked(order_of_guest(LineRequest(mug.pk, 1, answers=WISH)))
    assert "A motto" not in Client().get(path).content.decode()
    page = send(path, order, colour="gold").content.decode()
    assert "A motto" in page
    assert "Please answer this." in page
    total = send(path, order, colour="gold", motto="Onwards").content.decode().split('name="total" value="')[1]
    assert send(path, order, colour="gold", motto="Onwards", total=total.split('"')[0]).status_code == 303
    asked(order)
    order.refresh_from_db()
    page = send(path, order, colour="red", motto="Onwards").content.decode()
    total = page.split('name="total" value="')[1].split('"')[0]
    assert send(path, order, colour="red", motto="Onwards", total=total).status_code == 303
    assert answers_of(order) == WISH


def test_parts_of_packages_and_other_lines() -> None:
    mug = make_customizable(SPECIAL, price="8.00", stock=50)
    package = make_customizable_package((mug, 2), own_price=15)
    plain = LineRequest(mug.pk, 3, answers={"colour": "red"})
    box = LineRequest(package_id=package.pk, answers={"card": "Hi"}, parts={mug.pk: WISH})
    order, path = asked(order_of_guest(box, plain))
    assert mug.name in Client().get(path).content.decode().split("<legend>")[1]
    part = {f"answer-{mug.pk}-{key}": value for key, value in {**WISH, "special": "In silver"}.items()}
    answer = send(path, order, card="Hello", **part)
    assert answer.status_code == 303
    own, mugs = lines_of(order)[0].customizations
    assert (own["answers"], mugs["answers"]) == ({"card": "Hello"}, {**WISH, "special": "In silver"})
    other = lines_of(order)[1]
    assert (other.quantity, other.customizations[0]["answers"]) == (3, {"colour": "red"})


def test_there_is_a_form_for_nobody_else_and_at_no_other_time() -> None:
    order, path = make_asked()
    gift = "/track/" + links.issue(order, scope=LinkScope.RECIPIENT, actor="system")
    assert "Send it again" not in Client().get(gift).content.decode()
    assert send(gift, order, special="Mine").status_code == 404
    other = order_special(make_user())
    assert send(path, order, special="Mine", line=lines_of(other)[0]).status_code == 409
    assert send(path, order, special="Mine", total="NaN").status_code == 404
    decide(lines_of(order)[0], expected_version=Order.objects.get(pk=order.pk).version)
    assert send(path, order, special="Mine").status_code == 409
    assert answers_of(order) == WISH
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING


def test_more_lines_that_are_asked_about_cost_no_more_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for count in (1, 8):
        order = order_special(lines=count)
        for line in lines_of(order):
            decide(line, Decision.REQUEST_CHANGE, reason="No")
        path = "/track/" + links.issue(order, scope=LinkScope.OWNER, actor="system")
        with django_assert_max_num_queries(11):
            page = Client().get(path).content.decode()
        assert page.count("Send it again") == count
