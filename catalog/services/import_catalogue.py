"""Real retail lines become products: one per stock code, with its stock and what came back of it.

An import is repeatable. Articles are known by their SKU and returns by credit note and article; what the shop has
already is left exactly as it is, also when staff have renamed or repriced it since.

The catalogue's part is one transaction. Orders (``orders.services.import_history``) follow in batches of whole
invoices, one transaction each: a single one would hold the order number counter for the length of the file and keep the
shop from selling meanwhile. An import that is cut off leaves whole products and whole orders, every invariant intact;
running it again adds the rest and ends in the same state.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain, count

from django.db import connection, transaction
from django.utils.text import slugify

from catalog.enums import MovementReason
from catalog.models import Category, Product, StockMovement
from catalog.services import naming, prices, products, stock_history
from catalog.services.retail_categories import CATEGORIES, guess_category
from catalog.services.retail_names import choose_name, choose_price
from catalog.validators import RetailLine
from fantasize.core.errors import ConflictError

ACTOR = "import"
# Any number that nobody else uses as an advisory lock.
_LOCK_KEY = 7_253_811_002
_BATCH = 1000


@dataclass(slots=True)
class Article:
    """What the file says about one stock code.

    Attributes:
        descriptions: what the till printed, and how often.
        sale_prices, return_prices: what a piece cost, and how often.
        pieces_sold: over the whole file.
        first_at: when the file mentions it first.
    """

    first_at: datetime
    descriptions: Counter[str] = field(default_factory=Counter)
    sale_prices: Counter[Decimal] = field(default_factory=Counter)
    return_prices: Counter[Decimal] = field(default_factory=Counter)
    pieces_sold: int = 0


@dataclass(slots=True)
class Returned:
    """Pieces of one article on one credit note, and when they came back."""

    at: datetime
    pieces: int = 0


@dataclass(slots=True)
class Survey:
    """What a whole file holds, summed up; grows with articles and invoices, not with lines.

    Attributes:
        articles: by stock code.
        returns: by credit note and stock code.
        sale_lines: how many lines each invoice has.
        return_lines: how many lines tell of returns.
    """

    articles: dict[str, Article] = field(default_factory=dict)
    returns: dict[tuple[str, str], Returned] = field(default_factory=dict)
    sale_lines: Counter[str] = field(default_factory=Counter)
    return_lines: int = 0


@dataclass(frozen=True, slots=True)
class CatalogueResult:
    """What an import did to the catalogue: how many were new, and how many were there already."""

    categories_new: int
    products_new: int
    products_known: int
    returns_new: int
    returns_known: int


@contextmanager
def exclusively() -> Iterator[None]:
    """Let nobody else import at the same time; a process that dies lets go.

    Raises:
        ConflictError: another import is running.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK_KEY])
        if not cursor.fetchone()[0]:
            raise ConflictError("Another import is running. Start this one again when it is done.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK_KEY])


def survey_lines(lines: Iterable[RetailLine]) -> Survey:
    """Sum up a file's lines."""
    survey = Survey()
    for line in lines:
        _note_article(survey, line)
        if line.is_return:
            survey.return_lines += 1
            returned = survey.returns.setdefault((line.invoice, line.code), Returned(line.at))
            returned.pieces += line.quantity
        else:
            survey.sale_lines[line.invoice] += 1
    return survey


@transaction.atomic
def import_catalogue(survey: Survey) -> CatalogueResult:
    """Create the products and categories that the shop does not have yet, and book the returns it does not know."""
    known = set(Product.objects.filter(sku__in=survey.articles).values_list("sku", flat=True))
    new = {code: article for code, article in survey.articles.items() if code not in known}
    names = {code: choose_name(article.descriptions) for code, article in new.items()}
    categories_before = Category.objects.count()
    _create_products(new, names)
    returns_new = _book_returns(survey.returns)
    return CatalogueResult(
        categories_new=Category.objects.count() - categories_before,
        products_new=len(new),
        products_known=len(known),
        returns_new=returns_new,
        returns_known=len(survey.returns) - returns_new,
    )


def shelf_stock(pieces_sold: int) -> int:
    """How many pieces are put on the shelf beyond what the file sells: about a week's worth of a month's sales."""
    return min(max(pieces_sold // 4, 10), 1000)


def _note_article(survey: Survey, line: RetailLine) -> None:
    article = survey.articles.setdefault(line.code, Article(line.at))
    article.first_at = min(article.first_at, line.at)
    article.descriptions[line.description] += 1
    if line.is_return:
        article.return_prices[line.unit_price] += 1
    else:
        article.sale_prices[line.unit_price] += 1
        article.pieces_sold += line.quantity


def _create_products(articles: Mapping[str, Article], names: Mapping[str, str]) -> None:
    categories = _ensure_categories({guess_category(name) for name in names.values()})
    openings = [stock_history.Opening(shelf_stock(each.pieces_sold), each.first_at) for each in articles.values()]
    items = stock_history.open_items(openings, actor=ACTOR)
    slugs = _free_slugs(names)
    prices_said = {code: article.sale_prices or article.return_prices for code, article in articles.items()}
    list_prices = {code: choose_price(said) for code, said in prices_said.items()}
    created = Product.objects.bulk_create(
        [
            Product(
                sku=code,
                slug=slugs[code],
                name=names[code],
                list_price=list_prices[code],
                price=list_prices[code],
                category=categories[guess_category(names[code])],
                stock=item,
            )
            for (code, article), item in zip(articles.items(), items, strict=True)
        ],
        batch_size=_BATCH,
    )
    prices.save_prices(created)
    if created:
        products.after_change([product.pk for product in created])


def _ensure_categories(names: set[str]) -> dict[str, Category]:
    """The categories by name, those missing created in the order of the table."""
    slugs = {name: slugify(name) for name in CATEGORIES if name in names}
    found = {category.slug: category for category in Category.objects.filter(slug__in=slugs.values())}
    created = Category.objects.bulk_create(
        Category(name=name, slug=slug, position=CATEGORIES.index(name))
        for name, slug in slugs.items()
        if slug not in found
    )
    found |= {category.slug: category for category in created}
    return {name: found[slug] for name, slug in slugs.items()}


def _free_slugs(names: Mapping[str, str]) -> dict[str, str]:
    """A slug per stock code that neither the shop nor another article has: the name, then with the code behind it."""
    taken = set(Product.objects.values_list("slug", flat=True))
    slugs = {}
    for code, name in names.items():
        base = naming.slug_of(Product, name, longest=150)
        coded = f"{base}-{slugify(code)}"
        candidates = chain((base, coded), (f"{coded}-{number}" for number in count(2)))
        slugs[code] = next(slug for slug in candidates if slug not in taken)
        taken.add(slugs[code])
    return slugs


def _book_returns(returns: Mapping[tuple[str, str], Returned]) -> int:
    """Put on the shelf what came back and is not in the ledger yet; returns how many entries that made."""
    codes = {code for _, code in returns}
    items = dict(Product.objects.filter(sku__in=codes).values_list("sku", "stock_id"))
    booked = StockMovement.objects.filter(reason=MovementReason.RETURN, actor=ACTOR, stock_item__in=items.values())
    known = set(booked.values_list("reference", "stock_item"))
    entries = [
        stock_history.Entry(items[code], returned.pieces, MovementReason.RETURN, invoice, returned.at)
        for (invoice, code), returned in returns.items()
        if (invoice, items[code]) not in known
    ]
    stock_history.book(entries, actor=ACTOR)
    return len(entries)
