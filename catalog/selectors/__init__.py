"""All reads of the catalogue that have a name."""
