"""Somebody who has left something of themselves wherever one can, so that it can be looked for."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import KnownDevice, OneTimeCode, RecoveryCode, UsedPassword, User
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_address, make_user
from catalog.models import Product
from customizations.models import CustomizationTemplate
from customizations.tests.factories import make_template
from fantasize.core import clock
from fantasize.tests.client import ApiClient
from orders.enums import OrderStatus, Role
from orders.models import Order
from orders.services.transitions import Move, move_order
from orders.tests.customized import small_schema

# In every personal word of the person to be forgotten, and nowhere else.
CANARY = "quuxquux"
IP, PHONE = "192.0.2.177", "+49 30 5550 177"
TRACES = (CANARY, CANARY.encode().hex(), IP, PHONE)
ADDRESS = {
    "full_name": f"Zoe {CANARY}",
    "line1": f"7 {CANARY} Street",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
    "phone": PHONE,
}


def make_person() -> User:
    """Somebody who has left something of themselves wherever one can."""
    user = make_user(
        email=f"zoe.{CANARY}@example.com",
        username=CANARY,
        first_name="Zoe",
        last_name=CANARY,
        email_verified_at=clock.now(),
    )
    make_address(user, **ADDRESS)
    sessions.begin(user=user, device=Device(user_agent=f"{CANARY} 1.0", ip_address=IP))
    user.avatar = default_storage.save(f"avatars/{CANARY}.webp", ContentFile(CANARY.encode()))
    user.save()
    now = clock.now()
    KnownDevice.objects.create(user=user, token_hash="d" * 64, expires_at=now + timedelta(days=1))
    OneTimeCode.objects.create(user=user, purpose="reset_password", code_hash="c" * 64, expires_at=now)
    RecoveryCode.objects.create(user=user, code_hash="r" * 64)
    UsedPassword.objects.create(user=user, code_hash="u" * 64)
    Authenticator.objects.create(user=user, type="totp", data={"secret": f"s-{CANARY}"})
    SocialAccount.objects.create(user=user, provider="google", uid=CANARY, extra_data={"name": CANARY})
    EmailAddress.objects.create(user=user, email=user.email)
    user.groups.add(Group.objects.create(name="friends"))
    LogEntry.objects.log_actions(make_user(role="manager").pk, [user], CHANGE, f"Told {CANARY}", single_object=True)
    return user


def proven(user: User) -> ApiClient:
    """Somebody who has just shown both factors."""
    client = ApiClient(user)
    user.sessions.update(mfa_at=clock.now())
    return client


def buy(user: User, product: Product) -> Order:
    """An order with everything that one may say about it, under an idempotency key; its answer is kept."""
    if not CustomizationTemplate.objects.filter(links__product=product).exists():
        make_template(schema=small_schema(), products=[product.pk])
    body = {
        "lines": [{"product": product.pk, "quantity": 2, "answers": {"colour": "red", "name": CANARY}}],
        "payment_method": "cash_on_delivery",
        "shipping_address": ADDRESS,
    }
    reply = ApiClient(user).post("/orders", body, Idempotency_Key="once")
    assert reply.status == 201
    Order.objects.update(gift_message=f"From {CANARY}", is_gift=True)
    return Order.objects.get(pk=reply.data["id"])


def deliver(order: Order) -> None:
    """To its end; staff and the factory get answers that hold the address, and say things about the customer."""
    staff = ApiClient(make_user(role="manager"))
    said = {"status": "shipped", "note": f"{CANARY} is not at home", "tracking_number": CANARY}
    assert staff.call("PUT", f"/orders/{order.pk}/status", said, Idempotency_Key="k", If_Match="*").status == 200
    move_order(order_id=order.pk, move=Move(OrderStatus.DELIVERED, "user:staff", Role.STAFF))
