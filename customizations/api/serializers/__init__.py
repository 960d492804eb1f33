"""What customizations look like on the wire."""
