"""PostgreSQL and Redis for development and tests, and the processes behind ``bin/serve``.

Nothing here imports Django, except the app configuration and the management commands.
"""
