"""What a cart comes to, reckoned a second time: whole coins and fractions, and nothing of ``orders.pricing``.

A cart is plain data, prices in coins, percentages in thousandths of one:
``lines`` (thing, list_price, offer, breaks, quantity, per_unit in thousandths of a coin, once, weight, tax_class),
``coupon``, ``methods`` (code, kind, price, bands, free_above, tax_class), ``rates`` (by class: percent, is_included).
An offer and a coupon are ``(kind, value)``, a break ``(minimum, kind, value)``, a band ``(minimum, price)``.
"""

from collections import defaultdict
from fractions import Fraction
from typing import Any

Cart = dict[str, Any]
_PER_CENT = 100_000


def reckon(cart: Cart) -> dict[str, Any]:
    """Everything that a quote says, in coins."""
    pieces: defaultdict[Any, int] = defaultdict(int)
    for line in cart["lines"]:
        pieces[line["thing"]] += line["quantity"]
    units = [_round(_exact_unit(line, pieces[line["thing"]])) for line in cart["lines"]]
    totals = [unit * line["quantity"] + line["once"] for unit, line in zip(units, cart["lines"], strict=True)]
    items = sum(totals)
    off = items - _round(_lower(Fraction(items), *cart["coupon"])) if cart["coupon"] else 0
    offs = _spread(off, totals)
    weight = sum(line["weight"] * line["quantity"] for line in cart["lines"])
    ways = sorted(
        (price, place, method["code"], method["tax_class"])
        for place, method in enumerate(cart["methods"])
        if (price := _shipping(method, items - off, weight)) is not None
    )
    shipping, _, way, way_class = ways[0] if ways else (0, 0, None, None)
    bases = [total - less for total, less in zip(totals, offs, strict=True)] + [shipping]
    classes = [line["tax_class"] for line in cart["lines"]] + [way_class]
    shares = _taxes(bases, classes, cart["rates"])
    added, included = ([row[place] for row in shares] for place in (0, 1))
    return {
        "unit_prices": units,
        "line_totals": totals,
        "line_discounts": offs,
        "line_taxes": added[:-1],
        "line_taxes_included": included[:-1],
        "items": items,
        "discounts": off,
        "method": way,
        "methods": [code for _, _, code, _ in ways],
        "shipping": shipping,
        "tax": sum(added),
        "tax_included": sum(included),
        "total": items - off + shipping + sum(added),
    }


def _round(exact: Fraction) -> int:
    """Half up."""
    return int((2 * exact + 1) // 2)


def _lower(exact: Fraction, kind: str, value: int) -> Fraction:
    if kind == "percent":
        return exact - exact * value / _PER_CENT
    return max(exact - value, Fraction(0)) if kind == "amount" else Fraction(value)


def _exact_unit(line: dict[str, Any], pieces: int) -> Fraction:
    exact = Fraction(line["list_price"])
    if line["offer"] and _round(_lower(exact, *line["offer"])) < line["list_price"]:
        exact = _lower(exact, *line["offer"])
    offered, shown = exact, _round(exact)
    for minimum, kind, value in sorted(line["breaks"]):
        stepped = _lower(offered, kind, value)
        if minimum <= pieces and _round(stepped) < shown:
            exact, shown = stepped, _round(stepped)
    return exact + Fraction(line["per_unit"], 1000)


def _spread(amount: int, weights: list[int]) -> list[int]:
    """By largest remainder; of equal ones, the first."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [amount * weight // whole for weight in weights]
    ranked = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % whole), place))
    for place in ranked[: amount - sum(shares)]:
        shares[place] += 1
    return shares


def _shipping(method: dict[str, Any], worth: int, weight: int) -> int | None:
    price: int | None = method["price"]
    if method["kind"] != "flat":
        measure = weight if method["kind"] == "by_weight" else worth
        price = next((cost for start, cost in sorted(method["bands"], reverse=True) if start <= measure), None)
    if price is None:
        return None
    is_free = method["free_above"] is not None and worth >= method["free_above"]
    return 0 if is_free else price


def _taxes(bases: list[int], classes: list[str | None], rates: dict[str, tuple[int, bool]]) -> list[tuple[int, int]]:
    """Of each part: what comes on top of it, and what it contains."""
    found = [(0, 0)] * len(bases)
    for of, (percent, is_included) in rates.items():
        places = [place for place, each in enumerate(classes) if each == of]
        base = sum(bases[place] for place in places)
        amount = _round(Fraction(base * percent, _PER_CENT + percent if is_included else _PER_CENT))
        for place, share in zip(places, _spread(amount, [bases[place] for place in places]), strict=True):
            found[place] = (0, share) if is_included else (share, 0)
    return found
