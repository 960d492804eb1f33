"""People: accounts, sessions, roles and addresses."""
