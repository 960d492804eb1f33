"""Many who write, decide and forget at the same moment: the stars are exact."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.enums import ReviewState
from catalog.models import Package, Product, Review, ReviewGrant
from catalog.services import privacy, reviews
from catalog.tests.factories import make_package, make_product
from fantasize.core.errors import DomainError
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
REVIEWS, CREW = 100, 16


def together(works: Sequence[Callable[[], object]]) -> list[str]:
    """Do it all, as many things at once as there are hands; what each came to: its code, or nothing."""

    def do(work: Callable[[], object]) -> str:
        try:
            work()
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(CREW) as crew:
        return list(crew.map(do, works))


def make_reviews(product: Product) -> list[Review]:
    """A hundred, of every number of stars, that wait."""
    users = User.objects.bulk_create(User(email=f"reviewer{number}@example.com") for number in range(REVIEWS))
    rows = (Review(user=user, product=product, rating=number % 5 + 1) for number, user in enumerate(users))
    return Review.objects.bulk_create(rows)


def shuffled(works: list[Callable[[], object]]) -> list[Callable[[], object]]:
    random.Random(7).shuffle(works)  # noqa: S311 - an order of things, the same each time
    return works


def counted(product: Product | Package) -> tuple[int, int]:
    ratings = product.reviews.filter(state=ReviewState.PUBLISHED).values_list("rating", flat=True)
    return sum(ratings), len(ratings)


def kept(product: Product | Package) -> tuple[int, int]:
    product.refresh_from_db()
    return product.rating_sum, product.rating_count


def decisions(rows: Sequence[Review]) -> list[Callable[[], object]]:
    """Each is published, every third one also rejected; in any order."""
    publish = [partial(reviews.publish_review, review_id=row.pk, actor="user:staff") for row in rows]
    reject = [partial(reviews.reject_review, review_id=row.pk, actor="user:other") for row in rows[::3]]
    return shuffled([*publish, *reject])


def test_a_hundred_decided_at_once_sum_up_exactly() -> None:
    product = make_product()
    rows = make_reviews(product)
    assert set(together(decisions(rows))) == {""}
    assert not Review.objects.filter(state=ReviewState.PENDING).exists()
    assert kept(product) == counted(product)
    assert kept(product)[1] >= REVIEWS - len(rows[::3])


@pytest.fixture
def no_trigger() -> Iterator[None]:
    """A shop that counts stars in its program: reads, adds, writes."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_review DISABLE TRIGGER review_stars")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_review ENABLE TRIGGER review_stars")


def publish_and_count(review: Review, meeting: threading.Barrier) -> None:
    product = Product.objects.filter(reviews=review)
    with transaction.atomic():
        reviews.publish_review(review_id=review.pk, actor="user:staff")
        total, count = product.values_list("rating_sum", "rating_count").get()
        meeting.wait(PATIENCE_SECONDS)
        product.update(rating_sum=total + review.rating, rating_count=count + 1)


@pytest.mark.usefixtures("no_trigger")
def test_without_the_trigger_stars_are_lost() -> None:
    product = make_product()
    meeting = threading.Barrier(4)
    together([partial(publish_and_count, row, meeting) for row in make_reviews(product)[:16]])
    assert counted(product)[1] == 16
    assert kept(product) != counted(product)


def test_one_buyer_who_writes_twenty_at_once_has_written_one() -> None:
    product, user = make_product(), make_user()
    reviews.grant(user_id=user.pk, product_ids=[product.pk], reference="1001")
    write = partial(reviews.write_review, user_id=user.pk, target=product, rating=5, text="")
    assert sorted(together([write] * 20)) == ["", *["duplicate"] * 19]
    assert Review.objects.count() == 1


def test_deliveries_at_once_grant_once() -> None:
    user, products = make_user(), [make_product().pk for _ in range(5)]
    grants = [
        partial(reviews.grant, user_id=user.pk, product_ids=wanted, reference=str(number))
        for number, wanted in enumerate([products, products[::-1]] * 8)
    ]
    assert set(together(grants)) == {""}
    assert ReviewGrant.objects.count() == 5


def test_who_is_forgotten_while_staff_decide_leaves_no_star_behind() -> None:
    things: list[Product | Package] = [*(make_product() for _ in range(3)), make_package()]
    users = [make_user() for _ in range(12)]
    rows = [
        Review.objects.create(user=user, rating=4, **{"product" if isinstance(thing, Product) else "package": thing})
        for user in users
        for thing in things
    ]

    def forget(user: User) -> None:
        with transaction.atomic():
            privacy.forget(user.pk)

    works: list[Callable[[], object]] = [*decisions(rows), *(partial(forget, user) for user in users[::2])]
    assert set(together(shuffled(works))) <= {"", "not_found"}
    assert not Review.objects.filter(user__in=users[::2]).exists()
    assert [kept(thing) for thing in things] == [counted(thing) for thing in things]


def test_an_author_who_edits_while_staff_decide_is_not_shown_unread() -> None:
    product, user = make_product(), make_user()
    review = Review.objects.create(user=user, product=product, rating=5, text="first")
    edit = partial(reviews.edit_review, review_id=review.pk, user_id=user.pk, changes={"text": "second"})
    publish = partial(reviews.publish_review, review_id=review.pk, actor="user:staff", seen_at=review.created_at)
    together(shuffled([edit, *[publish] * 15]))
    review.refresh_from_db()
    assert (review.text, review.state) == ("second", ReviewState.PENDING)
    assert kept(product) == (0, 0)
