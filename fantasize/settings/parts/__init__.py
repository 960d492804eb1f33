"""One integration per file."""
