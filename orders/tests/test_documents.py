"""Documents: what each says, and what none may say; text in them is data, in every script."""

import gc
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import psutil
import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.services.products import update_product
from catalog.tests.factories import make_package, make_product
from fantasize.tests.client import ApiClient
from fantasize.tests.staff import make_viewer, signed_in
from fantasize.tests.standing import Standing
from orders.enums import DocumentKind, OrderStatus
from orders.models import Order
from orders.selectors import get_order
from orders.services import documents
from orders.services.baskets import LineRequest
from orders.services.credit_notes import LineCredit
from orders.services.documents import pages
from orders.services.documents.facts import Card, Invoice, Item, Priced, Slip, address_of
from orders.services.documents.sheet import is_right_to_left
from orders.tests.customized import make_customizable
from orders.tests.factories import make_order, move
from orders.tests.refunds import give, make_paid

AT = datetime(2026, 11, 21, tzinfo=UTC)
HOSTILE = (
    "אני אוהב אותך, סבתא",
    "صندوق هدية فاخر with love",
    "\N{BIRTHDAY CAKE}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}",
    "<script>alert(1)</script> **bold** {{ 7*7 }} %s [link](http://x)",
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe",
    "漢字 \U0001fae8 \N{COMBINING ACUTE ACCENT}\x07\t",
    "W" * 400,
    "",
)


def text_of(pdf: bytes) -> str:
    """What can be read in it; spaces and line ends aside."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


def slip(*items: Item, **more: Any) -> Slip:
    said: dict[str, Any] = {"address": ["Ada"], "is_gift": False, "sender": ""} | more
    return Slip(number=1001, at=AT, items=items, **said)


def test_any_text_is_only_text() -> None:
    items, sums = [Item(2, text, text, [text] * 2) for text in HOSTILE], [(text, "1.00 USD") for text in HOSTILE]
    facts = slip(*items, address=HOSTILE, is_gift=True, sender=HOSTILE[0])
    lines = [Priced(item, "1.00 USD", "2.00 USD") for item in items]
    made = [
        pages.slip(facts),
        pages.card(Card(AT, HOSTILE[1], "\n".join(HOSTILE), HOSTILE[2])),
        pages.invoice(Invoice(1001, AT, HOSTILE, HOSTILE, lines, sums, HOSTILE[0], sums)),
    ]
    for pdf in made:
        assert b"/JavaScript" not in pdf
        assert all("/Annots" not in page for page in PdfReader(BytesIO(pdf)).pages)
        text = text_of(pdf)
        assert "<script>alert(1)</script>**bold**{{7*7}}%s[link](http://x)" in text
        assert text.count("W") >= 400
    assert pages.slip(facts) == made[0]


def test_an_order_that_nothing_is_known_of_any_more_still_has_an_invoice() -> None:
    assert text_of(pages.invoice(Invoice(1001, AT, [], [], [], [], "0.00 USD", []))).endswith("Total0.00USD")


def test_a_message_of_the_greatest_length_has_room() -> None:
    message = "\n".join("Wishing you all the best, always and everywhere " * 8 for _ in range(8))
    pdf = pages.card(Card(AT, "Gran", message, "Ada"))
    assert text_of(pdf).count("Wishingyouallthebest") == 64
    assert len(PdfReader(BytesIO(pages.card(Card(AT, "Gran", "Short", "")))).pages) == 1


def test_pages_of_several_are_numbered_and_nobodys_text_is() -> None:
    item = Item(1, "Board {nb}", "BOARD", ["Text: {nb}"])
    [alone] = PdfReader(BytesIO(pages.slip(slip(item)))).pages
    assert "{nb}" in alone.extract_text()
    assert " / " not in alone.extract_text()
    texts = [page.extract_text() for page in PdfReader(BytesIO(pages.slip(slip(*[item] * 40)))).pages]
    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        assert f"Packing slip 1001 \N{MIDDLE DOT} {number} / {len(texts)}" in text
        assert "{nb}" in text


def open_fonts() -> int:
    return sum(file.path.endswith(".ttf") for file in psutil.Process().open_files())


def test_what_is_written_again_with_numbers_leaves_no_file_open() -> None:
    facts = slip(*[Item(1, "Board", "BOARD", ["\N{HEBREW LETTER ALEF}"])] * 40)
    gc.disable()
    try:
        before = open_fonts()
        pages.slip(facts)
        assert open_fonts() == before
    finally:
        gc.enable()


def test_a_position_longer_than_a_page_goes_on_on_the_next() -> None:
    pdf = pages.slip(slip(Item(1, "Oak mug", "", ["W" * 5000]), Item(1, "The end", "")))
    assert len(PdfReader(BytesIO(pdf)).pages) > 1
    assert text_of(pdf).count("W") == 5000
    assert "Theend" in text_of(pdf)


@pytest.mark.parametrize("recipient", ["Ada", "أحمد"])
@pytest.mark.parametrize("message", ["שלום \N{WAVING HAND SIGN}\nabc", "\N{BIRTHDAY CAKE}\nabc\nשלום\nabc"])
def test_every_line_has_a_font_whatever_the_one_before_is_written_in(message: str, recipient: str) -> None:
    item = Item(1, recipient, message, [message, f"Card: {message}"])
    for content in (pages.card(Card(AT, recipient, message, "Grace")), pages.slip(slip(item))):
        contents = PdfReader(BytesIO(content)).pages[0].get_contents()
        assert contents is not None
        has_font = [False]
        for word in re.sub(rb"(?s)\((?:\\.|[^\\)])*\)", b" ", contents.get_data()).split():
            if word == b"q":
                has_font.append(has_font[-1])
            elif word == b"Q":
                has_font.pop()
            elif word == b"Tf":
                has_font[-1] = True
            assert word != b"Tj" or has_font[-1]


@pytest.mark.parametrize(("text", "expected"), [("Ada", False), ("1 שלום", True), ("", False), ("! 7", False)])
def test_who_reads_from_the_right(text: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_right_to_left(text) is expected


def test_an_address_has_no_empty_lines() -> None:
    address = {"full_name": "Ada", "line1": "1 Road", "line2": "", "city": "London", "postal_code": "N1"}
    assert address_of(address) == ["Ada", "1 Road", "N1 London"]


def build_gift() -> Order:
    """A paid gift by Grace for Ada, of things at prices that are easily found."""
    mug = make_customizable(name="Oak mug", price="77.31", stock=9)
    package = make_package((mug, 1), (make_product(name="Card"), 2), name="Box", own_price=Decimal("88.42"))
    grace = make_user(first_name="Grace", last_name="Hopper", email="grace@example.com")
    order = make_paid(
        LineRequest(mug.pk, 2, answers={"colour": "gold", "name": "Ada"}),
        LineRequest(package_id=package.pk, parts={mug.pk: {"colour": "red", "name": "Bob"}}),
        user=grace,
    )
    Order.objects.filter(pk=order.pk).update(is_gift=True, recipient_name="Ada L.", gift_message="All the best")
    return order


@pytest.fixture(scope="module")
def built_gift(standing: Standing) -> Callable[[], Order]:
    return standing(build_gift)


@pytest.fixture
def gift(built_gift: Callable[[], Order]) -> Order:
    return built_gift()


def read(order: Order, kind: DocumentKind) -> str:
    return text_of(documents.make(get_order(make_user(role="manager"), str(order.pk)), kind))


@pytest.mark.django_db
def test_a_gifts_papers_say_no_price_and_nobody_who_wants_to_be_unnamed(gift: Order) -> None:
    papers = (DocumentKind.PACKING_SLIP, DocumentKind.GIFT_CARD)
    for kind in papers:
        assert "GraceHopper" in read(gift, kind)
    Order.objects.filter(pk=gift.pk).update(is_anonymous=True)
    gift.refresh_from_db()
    amounts = [
        gift.total,
        *gift.lines.values_list("unit_price", flat=True),
        *gift.lines.values_list("line_total", flat=True),
    ]
    for kind in papers:
        text = read(gift, kind)
        for canary in ("Grace", "Hopper", "grace@", "USD", "77.31", "88.42", "4.50", *(str(each) for each in amounts)):
            assert canary not in text
    assert "AdaL.Allthebest" in read(gift, DocumentKind.GIFT_CARD)
    said = read(gift, DocumentKind.PACKING_SLIP)
    for words in ("Agift.", "2×Oakmug", "Nametoengrave:Ada", "1×Box", "2×Card", "Oakmug:Nametoengrave:Bob"):
        assert words in said


@pytest.mark.django_db
def test_what_was_given_back_for_before_the_parcel_left_is_not_on_its_slip(gift: Order) -> None:
    mugs, box = gift.lines.order_by("position")
    mug = Product.objects.get(name="Oak mug")
    give(gift, LineCredit(mugs.pk, 1), LineCredit(box.pk, 1, part=mug.pk), restock=True)
    give(gift, amount="1.25")
    packed = read(gift, DocumentKind.PACKING_SLIP)
    assert "1×Oakmug" in packed
    assert "Without1×Oakmug" in packed
    assert "2×Oakmug" not in packed
    assert "2×Oakmug" in read(gift, DocumentKind.INVOICE)
    move(gift, OrderStatus.SHIPPED)
    give(gift, LineCredit(mugs.pk, 1))
    assert read(gift, DocumentKind.PACKING_SLIP) == packed


@pytest.mark.django_db
def test_what_was_given_back_for_as_a_whole_is_not_on_the_slip(gift: Order) -> None:
    give(gift, LineCredit(gift.lines.order_by("position")[0].pk, 2))
    packed = read(gift, DocumentKind.PACKING_SLIP)
    assert "Nametoengrave:Ada" not in packed
    assert "1×Box" in packed


@pytest.mark.django_db
def test_an_invoice_says_what_was_sold_whatever_it_costs_now(gift: Order) -> None:
    line = gift.lines.order_by("position")[0]
    give(gift, amount="1.25")
    shared = {"name": "VAT", "percent": "20.000", "amount": "3.00"}
    Order.objects.filter(pk=gift.pk).update(taxes=[shared | {"is_included": True}, shared | {"is_included": False}])
    before = read(gift, DocumentKind.INVOICE)
    for words in (
        "GraceHopper",
        "grace@example.com",
        str(line.unit_price),
        f"Total{gift.total}USD",
        "-1.25USD",
        "VAT20%(intheprices)3",
    ):
        assert words in before
    mug = Product.objects.get(name="Oak mug")
    update_product(product=mug, changes={"price": Decimal("1.00"), "name": "Elm mug"})
    assert read(gift, DocumentKind.INVOICE) == before


@pytest.mark.django_db
def test_staff_print_all_and_customers_have_their_invoice_once_they_have_paid(gift: Order) -> None:
    paths = {kind: f"/orders/{gift.pk}/documents/{kind.value}" for kind in DocumentKind}
    staff, customer = ApiClient(make_user(role="manager")), ApiClient(gift.user)
    for kind, path in paths.items():
        answer = staff.get(path, Accept="application/pdf")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind.value}-{gift.number}.pdf"'
        assert customer.get(path).status == (200 if kind is DocumentKind.INVOICE else 403)
        assert ApiClient(make_user()).get(path).status == 404
    unpaid = make_order(user=gift.user)
    path = f"/orders/{unpaid.pk}/documents/invoice"
    assert (customer.get(path).body["code"], staff.get(path).status) == ("not_paid", 200)
    # It is no gift.
    assert staff.get(path.replace("invoice", "gift-card")).status == 404


@pytest.mark.django_db
def test_the_order_page_leads_to_its_papers(gift: Order, manager: Client) -> None:
    page = f"/admin/orders/order/{gift.pk}/"
    shown = manager.get(f"{page}change/").content.decode()
    for kind in DocumentKind:
        assert f"{page}documents/{kind.value}/" in shown
        assert manager.get(f"{page}documents/{kind.value}/").content.startswith(b"%PDF-")
    assert manager.get(f"{page}documents/nothing/").status_code == 404
    assert manager.post(f"{page}documents/invoice/").status_code == 405
    assert manager.get(f"/admin/orders/order/{gift.user_id}/documents/invoice/").status_code == 404
    viewer = signed_in(make_viewer("catalog.view_brand"))
    assert viewer.get(f"{page}documents/invoice/").status_code == 403
    plain = f"/admin/orders/order/{make_order().pk}/"
    assert "documents/gift-card/" not in manager.get(f"{plain}change/").content.decode()
    assert manager.get(f"{plain}documents/gift-card/").status_code == 404
