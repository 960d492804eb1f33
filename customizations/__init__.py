"""Option templates, their rules and their renderer."""
