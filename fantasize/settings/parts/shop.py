"""What a shop owner decides."""

from fantasize.settings.env import IS_PRODUCTION, env

SHOP_CURRENCY = env.str("SHOP_CURRENCY", default="USD")
# A search cluster (OpenSearch) in place of PostgreSQL, which answers while the cluster is away.
SEARCH_URL = env.str("SEARCH_URL", default="")
HOLD_MINUTES = env.int("HOLD_MINUTES", default=45)
REVIEW_HOLD_HOURS = env.int("REVIEW_HOLD_HOURS", default=72)
# From when staff mail somebody a link to pay by.
PAYMENT_LINK_HOURS = env.int("PAYMENT_LINK_HOURS", default=72)
SEED_DEMO = env.bool("SEED_DEMO", default=not IS_PRODUCTION)
# Of what a shopper has sent and not ordered with yet; it is forgotten after so many hours.
UPLOAD_QUOTA_FILES = env.int("UPLOAD_QUOTA_FILES", default=50)
UPLOAD_QUOTA_BYTES = env.int("UPLOAD_QUOTA_BYTES", default=100 * 1024 * 1024)
UPLOAD_ORPHAN_HOURS = env.int("UPLOAD_ORPHAN_HOURS", default=72)
# A cart that nobody has changed for so many days is forgotten.
CART_GUEST_DAYS = env.int("CART_GUEST_DAYS", default=30)
CART_USER_DAYS = env.int("CART_USER_DAYS", default=180)
# Links to one order, for guests and for who gets a gift, open it for so many days.
ORDER_LINK_DAYS = env.int("ORDER_LINK_DAYS", default=90)
# Where parcels are followed, by the carrier's name in small letters; {number} is the parcel's.
CARRIER_URLS = {
    "dhl": "https://www.dhl.com/en/express/tracking.html?AWB={number}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={number}",
    "ups": "https://www.ups.com/track?tracknum={number}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
    **{name.lower(): url for name, _, url in (pair.partition("=") for pair in env.list("CARRIER_URLS", default=[]))},
}
