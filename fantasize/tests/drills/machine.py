"""A shop that strangers do anything to in any order, over HTTP, beside books that are kept by hand."""

import uuid
from collections import Counter
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from fantasize.core import clock
from fantasize.tests.drills.books import ON_ITS_WAY
from fantasize.tests.drills.ground import THINGS, WAY, Ground, method_of
from orders.models import Order
from orders.services import expiry
from orders.tests.buyers import wish

_MOVES = ("processing", "processed", "shipped", "delivered", "cancelled", "returned", "rejected", "pending")
_LONG_AFTER = timedelta(days=4)
# Before, there is little that could wait.
_A_FEW = 5

things = st.sampled_from(THINGS)
someone = st.integers(0, 1)
something = st.integers(0, 1000)
few = st.integers(1, 3)


class Bazaar(Ground):
    """What buyers, their payment provider and staff do."""

    @rule(who=someone, names=st.lists(things, max_size=2), number=few, is_cash=st.booleans())
    def order_cart(self, who: int, names: list[str], number: int, *, is_cash: bool) -> None:
        """Fill a cart and order it; it stays as it is if it cannot be had."""
        for name in names:
            reply = self.buyers[who].put(self.goods[name], number, **self.wishes(name))
            assert reply.status in (200, 201), reply.body
            self.carts[who][name] += number
        reply = self.buyers[who].order(from_cart=True, payment_method=method_of(is_cash=is_cash))
        if not self.carts[who]:
            assert reply.body["code"] == "cart_already_ordered" or reply.faults == {"/from_cart": "cart_empty"}, (
                reply.body
            )
        elif self.is_placed(reply, self.carts[who], who, is_cash=is_cash):
            self.carts[who] = Counter()
        else:
            assert self.buyers[who].call("DELETE", "/cart").status == 204
            self.carts[who] = Counter()

    @rule(who=someone, name=things, number=few, is_cash=st.booleans())
    def order(self, who: int, name: str, number: int, *, is_cash: bool) -> None:
        """Order a thing, twice under one key."""
        key = str(uuid.uuid4())
        reply = self.place(who, name, number, key, is_cash=is_cash)
        if reply.status == 201:
            # Under the key it is the same order; the books would show another one.
            assert self.send(who, name, number, key, is_cash=is_cash).content == reply.content

    @rule(number=something)
    def go_to_pay(self, number: int) -> None:
        """Open a page to pay on, or try to."""
        self.open_page(self.some(number))

    @rule(number=something, action=st.sampled_from(("pay", "pay", "fail")), times=few)
    def press(self, number: int, action: str, times: int) -> None:
        """Pay, or fail to, on a page that may be an old one; the provider says so once or more often."""
        deals = [deal for deal in self.books.deals if deal.page or (deal.status == "pending" and not deal.is_cash)]
        if deals:
            deal = deals[number % len(deals)]
            if not deal.page:
                self.open_page(deal)
            if deal.page:
                self.pay_for(deal, action, times)

    @rule(number=something)
    def cancel(self, number: int) -> None:
        """The buyer thinks better of it."""
        deal = self.some(number)
        reply = self.as_buyer(deal, "POST", "cancel", {})
        assert reply.status == (200 if deal.is_open else 409), reply.body
        if deal.is_open:
            self.books.call_off(deal)

    @rule(number=something, name=things, count=few)
    def change(self, number: int, name: str, count: int) -> None:
        """The buyer wants something else, of what staff need not look at."""
        deal = self.some(number)
        if name == "ring" or deal.wanted["ring"]:
            return
        wanted = Counter({name: count})
        body = {"lines": [wish(self.goods[name], count)]}
        reply = self.as_buyer(deal, "PATCH", "", body)
        if not deal.is_open or deal.page:
            assert reply.status == 409, reply.body
        elif not self.books.has(self.books.pieces(wanted) - deal.out):
            assert (reply.status, reply.body["code"]) == (409, "out_of_stock"), reply.body
        else:
            assert reply.status == 200, reply.body
            self.books.change(deal, wanted)
            deal.lines = {name: reply.data["lines"][0]["id"]}

    @precondition(lambda self: any(deal.status == "under_review" for deal in self.books.deals))
    @rule(number=something, decision=st.sampled_from(("approve", "reject")), charge=st.sampled_from(("0.00", "3.50")))
    def review(self, number: int, decision: str, charge: str) -> None:
        """Staff decide about a special request."""
        deals = [deal for deal in self.books.deals if deal.status == "under_review"]
        deal = deals[number % len(deals)]
        details = {"extra_charge": charge} if decision == "approve" else {"reason": "It cannot be made."}
        reply = self.as_staff(deal, "POST", "review", {"line": deal.lines["ring"], "decision": decision, **details})
        assert reply.status == 200, reply.body
        if decision == "reject":
            self.books.call_off(deal, "rejected")
        else:
            deal.status, deal.awaits_acceptance = "pending", charge != "0.00"

    @precondition(lambda self: any(deal.awaits_acceptance and deal.is_open for deal in self.books.deals))
    @rule(number=something)
    def accept(self, number: int) -> None:
        """The buyer agrees to what it costs more."""
        deals = [deal for deal in self.books.deals if deal.awaits_acceptance and deal.is_open]
        deal = deals[number % len(deals)]
        total = str(Order.objects.get(pk=deal.id).total)
        assert self.as_buyer(deal, "POST", "accept-quote", {"expected_total": total}).status == 200
        deal.awaits_acceptance = False

    @rule(number=something)
    def make(self, number: int) -> None:
        """Staff take an order one step nearer to its buyer."""
        deals = [deal for deal in self.books.deals if deal.status in WAY[:-1]] or self.books.deals
        deal = deals[number % len(deals)]
        place = WAY.index(deal.status) + 1 if deal.status in WAY else 0
        self.move_to(deal, WAY[min(place, len(WAY) - 1)])

    @rule(number=something, status=st.sampled_from(_MOVES))
    def move(self, number: int, status: str) -> None:
        """Staff move an order somewhere, or try to."""
        self.move_to(self.some(number), status)

    @rule(number=something, place=few, what=st.sampled_from(("refund", "return")), restock=st.booleans())
    def give_back(self, number: int, place: int, what: str, *, restock: bool) -> None:
        """Staff give back for one piece of what was sold, or what was not."""
        deals = [deal for deal in self.books.deals if deal.has_money] or self.books.deals
        deal = deals[number % len(deals)]
        name = [*deal.lines, *deal.lines, ""][place % (2 * len(deal.lines) + 1)]
        body = {"lines": [{"line": deal.lines.get(name, 1), "quantity": 1}], "reason": "Broken.", "restock": restock}
        reply = self.as_staff(deal, "POST", what, body, Idempotency_Key=str(uuid.uuid4()))
        if not deal.has_money or (what == "return" and deal.status not in ON_ITS_WAY):
            assert reply.status == 409, (deal, reply.body)
        elif not deal.left[name]:
            assert reply.status == 422, (deal, reply.body)
        else:
            assert reply.status == 200, (deal, reply.body)
            self.books.give_back(deal, name, restock=restock)
            if what == "return" and not +deal.left:
                deal.status = "returned"

    @precondition(lambda self: len(self.books.deals) > _A_FEW)
    @rule()
    def wait(self) -> None:
        """Four days pass for what waits."""
        with clock.frozen_at(clock.now() + _LONG_AFTER):
            expiry.cancel_expired_orders()
        for deal in self.books.deals:
            if deal.is_open and not deal.is_cash:
                self.books.call_off(deal, is_timed_out=True)
