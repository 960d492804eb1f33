"""What a shop's books should say, kept by hand: no code of the shop's own, only its rules."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

WAITING = ("pending", "under_review")
ON_ITS_WAY = ("shipped", "delivered")
# What staff may move an order to in one step; cash alone goes on unpaid.
NEXT = {
    "under_review": {"cancelled", "rejected"},
    "pending": {"cancelled"},
    "processing": {"processed", "cancelled"},
    "processed": {"shipped", "cancelled"},
    "shipped": {"delivered", "returned"},
    "delivered": {"returned"},
}


@dataclass
class Deal:
    """An order as it should be.

    Attributes:
        wanted: how many of each thing.
        left: how many of each have not been given back for.
        out: pieces that it holds, or has taken and not brought back, by product.
        page: the provider's name of the page to pay on, while it can be paid on.
        is_timed_out: called off because nobody paid.
    """

    id: str
    buyer: Any
    headers: dict[str, str]
    is_cash: bool
    wanted: Counter[str]
    lines: dict[str, int]
    status: str
    left: Counter[str] = field(default_factory=Counter)
    out: Counter[str] = field(default_factory=Counter)
    page: str = ""
    pages: int = 0
    has_money: bool = False
    awaits_acceptance: bool = False
    is_timed_out: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it waits for money or for staff."""
        return self.status in WAITING


@dataclass
class Books:
    """The shelves and the deals.

    Attributes:
        parts: the pieces that each thing is made of.
    """

    parts: dict[str, Counter[str]]
    on_hand: Counter[str]
    held: Counter[str] = field(default_factory=Counter)
    deals: list[Deal] = field(default_factory=list)

    def pieces(self, wanted: Counter[str]) -> Counter[str]:
        """What things are made of, in all."""
        total: Counter[str] = Counter()
        for name, number in wanted.items():
            for _ in range(number):
                total.update(self.parts[name])
        return total

    def has(self, pieces: Counter[str]) -> bool:
        """Whether so much can be sold."""
        return all(self.on_hand[name] - self.held[name] >= number for name, number in pieces.items())

    def open(self, deal: Deal) -> None:
        """Somebody has ordered."""
        deal.out, deal.left = self.pieces(deal.wanted), Counter(deal.wanted)
        self.held.update(deal.out)
        self.deals.append(deal)

    def change(self, deal: Deal, wanted: Counter[str]) -> None:
        """Somebody wants something else in place of it."""
        self.held.subtract(deal.out)
        self.deals.remove(deal)
        deal.wanted = wanted
        self.open(deal)

    def call_off(self, deal: Deal, status: str = "cancelled", *, is_timed_out: bool = False) -> None:
        """It does not go ahead: what it held can be sold, and what it took is back, with the money."""
        (self.held.subtract if deal.is_open else self.on_hand.update)(deal.out)
        deal.status, deal.has_money, deal.is_timed_out = status, False, is_timed_out
        if not is_timed_out:
            deal.out = Counter()

    def sell(self, deal: Deal, *, is_again: bool = False) -> None:
        """It goes ahead; ``is_again``: after it had been called off."""
        self.on_hand.subtract(deal.out)
        if not is_again:
            self.held.subtract(deal.out)
        deal.status, deal.is_timed_out, deal.has_money = "processing", False, not deal.is_cash

    def pay(self, deal: Deal) -> None:
        """Money arrives: the order goes ahead, or the money back."""
        deal.page = ""
        if deal.status == "pending":
            self.sell(deal)
        elif deal.is_timed_out and self.has(deal.out):
            self.sell(deal, is_again=True)

    def step(self, deal: Deal, target: str) -> None:
        """One move by staff."""
        if target in ("cancelled", "rejected"):
            self.call_off(deal, target)
        elif target == "processing":
            self.sell(deal)
        else:
            deal.status = target
            deal.has_money = (deal.has_money or (deal.is_cash and target == "delivered")) and target != "returned"

    def give_back(self, deal: Deal, name: str, *, restock: bool) -> None:
        """What one of a thing cost goes back, and its pieces on the shelf, or never."""
        pieces = self.pieces(Counter({name: 1}))
        deal.left.subtract([name])
        deal.out.subtract(pieces)
        if restock:
            self.on_hand.update(pieces)
        deal.has_money = bool(+deal.left)
