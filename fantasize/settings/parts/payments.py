"""Who takes payments: Stripe where there is a key, else a sandbox that moves no money."""

from fantasize.settings.env import IS_PRODUCTION, env, secret

STRIPE_API_KEY = env.str("STRIPE_API_KEY", default="")
# Several while they are being exchanged: a message signed with any of them counts.
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
# Where Stripe is; a stand-in may take its place.
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="")

# A real shop gives nothing away for play money unless it is told to.
SANDBOX_PAYMENTS = env.bool("SANDBOX_PAYMENTS", default=not IS_PRODUCTION)
SANDBOX_WEBHOOK_SECRET = (
    env.str("SANDBOX_WEBHOOK_SECRET", default="") if IS_PRODUCTION else secret("SANDBOX_WEBHOOK_SECRET")
)
# Where shoppers go from the payment page; unset: a page of ours. It may hold {order} and {outcome} (paid, cancelled).
PAYMENT_RETURN_URL = env.str("PAYMENT_RETURN_URL", default="")
