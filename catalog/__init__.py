"""What the shop sells: taxonomy, products and their stock."""
