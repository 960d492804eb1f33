"""Where the shop itself goes out to."""

from fantasize.settings.env import env

# ``host:port`` that may be fetched from although it is not public: stand-ins for development and tests.
FETCH_ALLOWED_HOSTS = env.list("FETCH_ALLOWED_HOSTS", default=[])
