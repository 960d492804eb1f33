"""A shop's goods, people and books, and what must hold after each step that strangers take in it."""

import uuid
from collections import Counter
from typing import Any, ClassVar

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from accounts.tests.factories import make_user
from catalog.models import StockItem
from catalog.tests.factories import make_package, make_product
from fantasize.core import invariants
from fantasize.core.api.conditional import etag_for
from fantasize.tests.client import ApiClient, Reply
from fantasize.tests.drills.books import NEXT, Books, Deal
from orders.models import Order
from orders.payments import sandbox
from orders.tests.buyers import Buyer, make_special, wish
from orders.tests.payment_shop import post, signed

SHELVES = {"mug": 6, "lamp": 4, "ring": 5}
BOX = {"mug": 1, "lamp": 2}
THINGS = (*SHELVES, "box")
_ABOUT = ("orders.", "stock.", "events.")
_ANSWERS = {"special": "In gold leaf, please"}
_KINDS = ("product", "package")
# So many pages there are in any case; each keeps the goods a little longer, which is not done for ever.
_SURE_PAGES = 3
WAY = ("processing", "processed", "shipped", "delivered")


class Ground(RuleBasedStateMachine):
    """A member, a guest and staff. Every answer must be the one that the books foretell, and never a fault.

    ``seen`` counts the statuses that orders were found in. All that one run has done is undone.
    """

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._undone = transaction.atomic()
        # As in Django's own test cases: what has to be outermost in the shop need not be in here.
        self._undone._from_testcase = True  # type: ignore[attr-defined]
        self._undone.__enter__()

    def teardown(self) -> None:
        """Leave everything as it was."""
        transaction.set_rollback(True)
        self._undone.__exit__(None, None, None)

    @initialize()
    def open_shop(self) -> None:
        """Two things as they are, one that staff look at first, and a package of the former."""
        goods = {"mug": make_product(stock=SHELVES["mug"]), "lamp": make_product(stock=SHELVES["lamp"], price="25.55")}
        self.items = {name: product.stock_id for name, product in goods.items()}
        ring = make_special(stock=SHELVES["ring"], price="40.00")
        self.items["ring"] = ring.stock_id
        box = make_package(*((goods[name], count) for name, count in BOX.items()))
        self.goods: dict[str, Any] = {**goods, "ring": ring, "box": box}
        self.books = Books(
            parts={**{name: Counter([name]) for name in SHELVES}, "box": Counter(BOX)}, on_hand=Counter(SHELVES)
        )
        self.staff = ApiClient(make_user(role="manager", password=""))
        self.buyers = [Buyer(make_user(password="")), Buyer()]
        self.carts: list[Counter[str]] = [Counter(), Counter()]
        self._open_deals()

    def _open_deals(self) -> None:
        """Some to begin with: paid for, on its way, looked at by staff, and waiting."""
        for who, name, is_cash in ((0, "mug", False), (1, "lamp", True), (0, "ring", False), (1, "box", False)):
            self.place(who, name, 1, str(uuid.uuid4()), is_cash=is_cash)
        paid, cash, *_ = self.books.deals
        self.open_page(paid)
        self.pay_for(paid, "pay", 1)
        self.move_to(cash, "shipped")

    def place(self, who: int, name: str, number: int, key: str, *, is_cash: bool) -> Reply:
        reply = self.send(who, name, number, key, is_cash=is_cash)
        self.is_placed(reply, Counter({name: number}), who, is_cash=is_cash)
        return reply

    def send(self, who: int, name: str, number: int, key: str, *, is_cash: bool) -> Reply:
        line = wish(self.goods[name], number, **self.wishes(name))
        return self.buyers[who].order(key, lines=[line], payment_method=method_of(is_cash=is_cash))

    def wishes(self, name: str) -> dict[str, Any]:
        return {"answers": _ANSWERS} if name == "ring" else {}

    def is_placed(self, reply: Reply, wanted: Counter[str], who: int, *, is_cash: bool) -> bool:
        if not self.books.has(self.books.pieces(wanted)):
            assert (reply.status, reply.body["code"]) == (409, "out_of_stock"), reply.body
            return False
        assert reply.status == 201, reply.body
        token = reply.data.get("access_token")
        names = {(kind, self.goods[name].pk): name for name in THINGS for kind in [_kind(name)]}
        lines = {names[kind, line[kind]]: line["id"] for line in reply.data["lines"] for kind in _KINDS if line[kind]}
        self.books.open(
            Deal(
                id=reply.data["id"],
                buyer=self.buyers[who],
                headers={"X_Order_Token": token} if token else {},
                is_cash=is_cash,
                wanted=+wanted,
                lines=lines,
                status="under_review" if wanted["ring"] else "pending",
            )
        )
        return True

    def some(self, number: int) -> Deal:
        return self.books.deals[number % len(self.books.deals)]

    def open_page(self, deal: Deal) -> None:
        """The buyer goes to pay."""
        reply = self.as_buyer(deal, "POST", "checkout", Idempotency_Key=str(uuid.uuid4()))
        if deal.is_cash or deal.status != "pending" or deal.awaits_acceptance:
            assert reply.status == 409, reply.body
        elif not deal.page and deal.pages >= _SURE_PAGES and reply.status == 409:
            assert reply.body["code"] == "hold_exhausted", reply.body
        else:
            assert reply.status == 200, reply.body
            deal.pages += not deal.page
            deal.page = reply.data["redirect_url"].rsplit("/", 1)[-1]

    def pay_for(self, deal: Deal, action: str, times: int) -> None:
        """The provider tells what was pressed on the page, so many times."""
        page, kind = sandbox.press(deal.page, action)
        message = sandbox.event_document(page, kind)
        for _ in range(times):
            assert post(message, signed(message)).status == 200
        if action == "pay":
            self.books.pay(deal)
        deal.page = ""

    def move_to(self, deal: Deal, status: str) -> None:
        reply = self.as_staff(deal, "PUT", "status", {"status": status, "note": "Because."})
        steps = self._steps(deal, status)
        assert reply.status == (200 if steps else 409), (deal, status, reply.body)
        for step in steps:
            self.books.step(deal, step)

    def _steps(self, deal: Deal, target: str) -> list[str]:
        """The moves that staff get an order to ``target`` by."""
        is_ready = deal.status == "pending" and deal.is_cash and not deal.awaits_acceptance
        if target in WAY and (is_ready or deal.status in WAY):
            start = WAY.index(deal.status) + 1 if deal.status in WAY else 0
            return list(WAY[start : WAY.index(target) + 1])
        if target == "returned" and (is_ready or deal.status in WAY):
            return [*self._steps(deal, "shipped"), "returned"]
        return [target] if target in NEXT.get(deal.status, ()) else []

    @invariant()
    def the_shelves_are_as_they_should_be(self) -> None:
        """Piece by piece."""
        rows = {row.pk: (row.on_hand, row.held) for row in StockItem.objects.filter(pk__in=self.items.values())}
        wanted = {item: (self.books.on_hand[name], self.books.held[name]) for name, item in self.items.items()}
        assert rows == wanted

    @invariant()
    def the_orders_stand_where_they_should(self) -> None:
        """One by one."""
        found = dict(Order.objects.values_list("pk", "status"))
        assert {str(pk): status for pk, status in found.items()} == self._ids()
        self.seen.update(found.values())

    @invariant()
    def what_must_hold_holds(self) -> None:
        """The shop's own invariants, but for those that read files."""
        broken = {name: count for name, count in self._counted().items() if count}
        assert broken == {}

    def _ids(self) -> dict[str, str]:
        return {deal.id: deal.status for deal in self.books.deals}

    def _counted(self) -> dict[str, int]:
        checks = {name: check for name, check in invariants._checks.items() if name.startswith(_ABOUT)}
        return {name: check() for name, check in checks.items() if name != "orders.sample_is_made_again"}

    def as_buyer(self, deal: Deal, method: str, action: str, body: Any = None, **headers: str) -> Reply:
        reply: Reply = deal.buyer.call(
            method, f"/orders/{deal.id}/{action}".rstrip("/"), body, **deal.headers, **headers
        )
        assert reply.status < 500, reply.content
        return reply

    def as_staff(self, deal: Deal, method: str, action: str, body: Any, **headers: str) -> Reply:
        etag = etag_for(Order.objects.get(pk=deal.id).version, None)
        reply = self.staff.call(method, f"/orders/{deal.id}/{action}", body, If_Match=etag, **headers)
        assert reply.status < 500, reply.content
        return reply


def _kind(name: str) -> str:
    return "package" if name == "box" else "product"


def method_of(*, is_cash: bool) -> str:
    return "cash_on_delivery" if is_cash else "hosted"
