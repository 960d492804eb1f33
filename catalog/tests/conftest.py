"""A product, a manager, and files that a test leaves to nobody."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Category, Product
from catalog.services import search
from catalog.tests.factories import make_product
from fantasize.tests.standing import Standing


@pytest.fixture
def own_files(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of the test's own for what is stored and for what is on its way."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "temp"
    for folder in (settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR):
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(settings.FILE_UPLOAD_TEMP_DIR))


@pytest.fixture
def left_over(own_files: None, settings: Any) -> Any:
    """What lies in the folder for files that are on their way."""
    return lambda: list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


@pytest.fixture
def product() -> Product:
    """Something to show."""
    return make_product()


@pytest.fixture
def parts() -> list[Product]:
    """What packages are made of; a file has to be told apart from what their SKUs say."""
    return [make_product(sku=sku, price=price) for sku, price in (("MUG", "4.00"), ("TEA|2", "6.00"), ("=X:3", "1.00"))]


@pytest.fixture
def category() -> Category:
    """Where it is found."""
    return Category.objects.create(name="Home", slug="home")


@pytest.fixture
def manager() -> User:
    """Somebody who may change the catalogue."""
    return make_user(role="manager")


@pytest.fixture(scope="module")
def counter(standing: Standing) -> Callable[[], tuple[Product, User]]:
    """The same two, built once for a file whose tests all begin with them."""
    return standing(lambda: (make_product(), make_user(role="manager")))


@pytest.fixture
def lamps() -> None:
    """Things with words that begin alike, which the search knows."""
    for name in ("Oak lantern", "Paper lanterns, set of 3", "Metal candlestick", "Scented candle", "Owl mug"):
        make_product(name=name)
    search.count_words()
