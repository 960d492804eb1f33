"""How many queries each read costs, whoever asks and however many rows there are."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Package, Product
from catalog.services import favourites
from fantasize.tests.contract.documented import OPERATIONS, PREFIX
from fantasize.tests.contract.standing import StandingWorld
from fantasize.tests.contract.world import World, give_picture

pytestmark = pytest.mark.django_db

# Reviewed by hand: a number here grows only with a reason. (path, role) -> queries, signing in included.
BUDGETS = {
    ("/api/v2/admin/users", "administrator"): 6,
    ("/api/v2/admin/users?q=person&role=customer&is_active=true", "administrator"): 6,
    ("/api/v2/admin/users/{id}", "administrator"): 5,
    ("/api/v2/auth/mfa", "customer"): 3,
    ("/api/v2/auth/mfa/passkeys", "customer"): 2,
    ("/api/v2/auth/mfa/recovery-codes", "customer"): 2,
    ("/api/v2/auth/mfa/totp", "customer"): 2,
    **{(f"/api/v2/{name}", "anonymous"): 2 for name in ("brands", "materials", "tags")},
    **{(f"/api/v2/{name}/{{id}}", "anonymous"): 1 for name in ("brands", "materials", "tags")},
    ("/api/v2/categories", "anonymous"): 2,
    ("/api/v2/categories/{id}", "anonymous"): 2,
    ("/api/v2/media/{id}", "manager"): 4,
    ("/api/v2/packages", "anonymous"): 8,
    ("/api/v2/packages?in_stock=true&ordering=price", "anonymous"): 8,
    ("/api/v2/packages", "manager"): 11,
    ("/api/v2/packages/{id}", "anonymous"): 7,
    ("/api/v2/products", "anonymous"): 7,
    # 12 of the facets, 7 of the page, and when the next offer begins or ends: until then the answer is kept.
    ("/api/v2/products?facets=1", "anonymous"): 20,
    ("/api/v2/products/category/{id}", "anonymous"): 10,
    ("/api/v2/products?q=gift&in_stock=true&ordering=price", "anonymous"): 10,
    ("/api/v2/products", "manager"): 10,
    ("/api/v2/products/{id}", "anonymous"): 6,
    ("/api/v2/packages/{id}/reviews", "anonymous"): 4,
    ("/api/v2/products/{id}/reviews", "anonymous"): 4,
    ("/api/v2/products/{id}/reviews", "customer"): 5,
    ("/api/v2/users/reviews", "customer"): 3,
    ("/api/v2/users/reviews/{id}", "customer"): 2,
    ("/api/v2/home", "anonymous"): 12,
    ("/api/v2/home", "customer"): 15,
    ("/api/v2/search?q=gift", "anonymous"): 16,
    ("/api/v2/search?q=gift&in_stock=true&max_price=1000", "anonymous"): 16,
    ("/api/v2/search?q=gift", "customer"): 17,
    ("/api/v2/search/suggestions?q=gi", "anonymous"): 1,
    ("/api/v2/offers", "anonymous"): 5,
    ("/api/v2/offers?state=running", "manager"): 8,
    ("/api/v2/offers/{id}", "anonymous"): 4,
    ("/api/v2/coupons?code=code0&state=running", "manager"): 5,
    ("/api/v2/coupons", "manager"): 5,
    ("/api/v2/coupons/{id}", "manager"): 4,
    ("/api/v2/price-breaks", "manager"): 5,
    ("/api/v2/price-breaks/{id}", "manager"): 4,
    ("/api/v2/customizations", "anonymous"): 4,
    ("/api/v2/customizations", "manager"): 8,
    ("/api/v2/customizations?font=serif&option=name&choice=gold&q=temp&state=published", "manager"): 8,
    ("/api/v2/customizations/{id}", "anonymous"): 3,
    ("/api/v2/customizations/{id}", "manager"): 7,
    ("/api/v2/customizations/{id}?template_version=1", "anonymous"): 4,
    ("/api/v2/customizations/{id}/presets", "anonymous"): 3,
    ("/api/v2/customizations/{id}/schema", "anonymous"): 3,
    ("/api/v2/customizations/presets/{id}", "manager"): 4,
    ("/api/v2/customizations/previews/{id}", "customer"): 2,
    ("/api/v2/customizations/uploads/{id}", "customer"): 3,
    ("/api/v2/customizations/uploads/{id}/file", "customer"): 3,
    ("/api/v2/packages/{id}/customizations", "anonymous"): 6,
    ("/api/v2/products/{id}/customizations", "anonymous"): 5,
    ("/api/v2/cart", "customer"): 16,
    ("/api/v2/orders", "customer"): 4,
    ("/api/v2/orders", "manager"): 6,
    ("/api/v2/orders/{id}", "customer"): 3,
    ("/api/v2/orders/{id}", "manager"): 5,
    ("/api/v2/orders/drafts", "manager"): 5,
    ("/api/v2/orders/drafts/{id}", "manager"): 4,
    ("/api/v2/orders/proofs/{id}", "customer"): 3,
    ("/api/v2/orders/{id}/credit-notes", "customer"): 4,
    ("/api/v2/orders/{id}/documents/gift-card", "manager"): 5,
    ("/api/v2/orders/{id}/documents/invoice", "manager"): 7,
    ("/api/v2/orders/{id}/documents/packing-slip", "manager"): 6,
    ("/api/v2/orders/{id}/links", "customer"): 5,
    ("/api/v2/orders/{id}/reorder", "customer"): 14,
    ("/api/v2/orders?answer=colour:red&font=serif", "manager"): 6,
    ("/api/v2/orders?needs_review=false", "manager"): 6,
    ("/api/v2/orders/{id}/track", "customer"): 3,
    ("/api/v2/payments/{id}", "customer"): 2,
    ("/api/v2/payments/{id}", "manager"): 4,
    ("/api/v2/users/addresses", "customer"): 3,
    ("/api/v2/users/addresses/{id}", "customer"): 2,
    ("/api/v2/users/{id}/avatar", "customer"): 2,
    ("/api/v2/users/{id}/avatar", "administrator"): 4,
    ("/api/v2/users/avatar", "customer"): 1,
    ("/api/v2/users/export", "customer"): 32,
    ("/api/v2/users/favorites", "customer"): 14,
    ("/api/v2/users/profile", "customer"): 2,
    ("/api/v2/users/sessions", "customer"): 3,
    ("/api/v2/users/sessions/{id}", "customer"): 2,
    ("/api/v2/users/social", "customer"): 3,
    ("/api/v2/users/social/{id}", "customer"): 2,
}


def test_every_read_has_a_budget() -> None:
    reads = {PREFIX + name.removeprefix("GET ") for name in OPERATIONS if name.startswith("GET ")}
    assert {path.partition("?")[0] for path, _ in BUDGETS} == reads


@pytest.fixture(scope="module")
def standing(standing: StandingWorld) -> StandingWorld:
    """With pictures of people, and with what the customer likes."""
    world = standing.world
    for role in ("customer", "administrator"):
        give_picture(world.user(role))
    for product in Product.objects.all():
        favourites.add(user_id=world.user("customer").pk, product=product)
    for package in Package.objects.all():
        favourites.add(user_id=world.user("customer").pk, package=package)
    return standing


@pytest.mark.parametrize("standing", [1, 3], ids=["one row", "three rows"], indirect=True)
@pytest.mark.parametrize(("path", "role"), BUDGETS)
def test_a_read_costs_what_it_may(world: World, path: str, role: str) -> None:
    url = world.path(path, role)
    with CaptureQueriesContext(connection) as captured:
        answer = Client().get(url, headers=world.people[role].headers)
    assert answer.status_code == 200
    assert answer.getvalue()
    assert len(captured) == BUDGETS[path, role], [query["sql"][:120] for query in captured]
