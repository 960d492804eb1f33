"""The staff's pages: the site and its dashboard. Each app's models are in its own ``admin`` package."""
