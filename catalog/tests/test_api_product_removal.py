"""Taking products out of the shop over HTTP."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import TestCase
from pytest_django import Settings

from accounts.tests.factories import make_user
from catalog.enums import MediaKind, MediaState
from catalog.models import Material, Package, Product, ProductMedia, Review, ReviewGrant, StockItem
from catalog.services import products
from catalog.services.materials import Share
from catalog.tests.factories import make_offer, make_package, make_product
from fantasize.core.errors import NotFoundError
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


def staff() -> ApiClient:
    return ApiClient(make_user(role="manager"))


@pytest.fixture
def oak() -> Material:
    return Material.objects.create(name="Oak", slug="oak")


class TestTakingAway:
    """What anything refers to is hidden; what nothing does is gone."""

    def is_hidden(self, product: Product) -> bool:
        assert staff().call("DELETE", f"/products/{product.pk}").status == 204
        assert ApiClient().get(f"/products/{product.pk}").status == 404
        return Product.objects.filter(pk=product.pk, is_active=False).exists()

    def test_what_was_in_stock_is_hidden(self) -> None:
        assert self.is_hidden(make_product(stock=1))

    def test_what_is_in_a_package_is_hidden(self) -> None:
        product = make_product(stock=0)
        package = make_package(product)
        assert self.is_hidden(product)
        assert Package.objects.filter(pk=package.pk).exists()

    def test_what_was_received_or_reviewed_is_hidden(self) -> None:
        user, received, reviewed = make_user(), make_product(stock=0), make_product(stock=0)
        ReviewGrant.objects.create(user=user, product=received, reference="1")
        Review.objects.create(user=user, product=reviewed, rating=5)
        assert self.is_hidden(received)
        assert self.is_hidden(reviewed)

    def test_what_never_was_anything_is_gone_with_its_media(
        self, oak: Material, settings: Settings, tmp_path: Path
    ) -> None:
        settings.MEDIA_ROOT = tmp_path
        product = make_product(stock=0, materials=[Share(oak.pk, Decimal(100))])
        offer = make_offer(percent="5", products=[product.pk])
        name = default_storage.save("catalogue/aa/x.webp", ContentFile(b"x"))
        ProductMedia.objects.create(
            product=product, kind=MediaKind.IMAGE, state=MediaState.READY, file=name, size=1, content_type="image/webp"
        )
        ApiClient(make_user()).post("/users/favorites", {"product": product.pk})
        with TestCase.captureOnCommitCallbacks(execute=True):
            assert not self.is_hidden(product)
        assert [model.objects.count() for model in (Product, StockItem, ProductMedia)] == [0, 0, 0]
        assert not default_storage.exists(name)
        assert list(offer.products.all()) == []
        connection.check_constraints()

    def test_what_is_gone_cannot_be_taken_away_or_changed(self) -> None:
        product = make_product(stock=0)
        products.remove_product(product=product)
        for change in (products.remove_product, lambda product: products.update_product(product=product, changes={})):
            with pytest.raises(NotFoundError):
                change(product=product)
        assert staff().call("DELETE", f"/products/{product.pk}").status == 404
