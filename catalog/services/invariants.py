"""What must always hold for stock."""

from functools import partial

from fantasize.core import invariants

_ON_HAND_WITHOUT_LEDGER = """
    SELECT count(*)
      FROM catalog_stockitem AS item
      LEFT JOIN (SELECT stock_item_id, sum(delta) AS total FROM catalog_stockmovement GROUP BY 1) AS ledger
        ON ledger.stock_item_id = item.id
     WHERE item.on_hand <> coalesce(ledger.total, 0)
"""
_OUT_OF_BOUNDS = "SELECT count(*) FROM catalog_stockitem WHERE held < 0 OR held > on_hand"


def register() -> None:
    """Have ``verify_invariants`` check the stock."""
    invariants.register("stock.on_hand_is_sum_of_movements", partial(invariants.count, _ON_HAND_WITHOUT_LEDGER))
    invariants.register("stock.held_within_on_hand", partial(invariants.count, _OUT_OF_BOUNDS))
