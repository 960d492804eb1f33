"""All writes of the catalogue that other rows or people depend on."""
