"""How well something matches a query, as PostgreSQL computes it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FloatField, Func
from django.db.models.sql.compiler import SQLCompiler

from catalog.models import Package, Product
from catalog.search.tsquery import Query

# How much a word counts in a description, a category, tag or material, a brand, and a name.
_WEIGHTS = "{0.05,0.3,0.5,1.0}"
# How well the words fit, before all: how near to each other they are, and how many. Of two names with the same words
# the shorter one is more about them; most so one that says just that, and ends so: the last word of a name says what a
# thing is. Then what sells well, and what there is, a little.
_RANK = """
    {fit}('{weights}'::real[], {search}, {query}) / ln(length({name}) + 2)
    * CASE WHEN {name} ILIKE %s THEN 1.4 WHEN {name} ILIKE %s THEN 1.2 ELSE 1.0 END
    * (1 + 0.02 * ln({sales_count} + 1))
    * CASE WHEN {there_is} THEN 1.0 ELSE 0.8 END
"""
# Whether a product or package can be had now. Not EXISTS: PostgreSQL would read all of the stock once, for a few rows.
THERE_IS = {
    Product: "(SELECT on_hand - held FROM catalog_stockitem WHERE id = {stock_id}) > 0",
    Package: """(SELECT part.id FROM catalog_packageitem AS part
                   JOIN catalog_product AS product ON product.id = part.product_id
                   JOIN catalog_stockitem AS stock ON stock.id = product.stock_id
                  WHERE part.package_id = {id} AND (NOT product.is_active OR on_hand < held + part.quantity)
                  LIMIT 1) IS NULL""",
}
_COLUMNS = {
    Product: ("search", "name", "sales_count", "stock_id"),
    Package: ("search", "name", "sales_count", "id"),
}


class Rank(Func):
    """The rank of a product or package; the higher, the better it matches.

    Written down as SQL: putting it together from single expressions takes Django longer than PostgreSQL needs for it.
    """

    output_field: ClassVar[Any] = FloatField()

    def __init__(self, model: type[Product | Package], query: Query, words: Sequence[str]) -> None:
        super().__init__(*_COLUMNS[model])
        self._table = model._meta.db_table  # noqa: SLF001 - Django's documented interface
        self._columns = _COLUMNS[model]
        self._sql = _RANK.replace("{there_is}", THERE_IS[model]).replace("{query}", query.sql)
        # Of one word all forms count alike in a cover; of several ``ts_rank`` knows the same in a tenth of the time.
        self._sql = self._sql.replace("{fit}", "ts_rank_cd" if len(words) == 1 else "ts_rank")
        # A wildcard for what stands between the words.
        said = "%" + "_".join(words)
        self._parameters = (*query.parameters, said, f"{said}%")

    def said(self) -> tuple[str, tuple[str, ...]]:
        """The SQL and its parameters, for the table under its own name."""
        columns = {name: f"{self._table}.{name}" for name in self._columns}
        return self._sql.format(weights=_WEIGHTS, **columns), self._parameters

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_args: Any, **_context: Any) -> Any:  # noqa: ARG002 - Django's signature
        """The SQL and its parameters, for the table under whichever name it is read."""
        columns = (compiler.compile(column)[0] for column in self.get_source_expressions())
        named = dict(zip(self._columns, columns, strict=True))
        return self._sql.format(weights=_WEIGHTS, **named), self._parameters
