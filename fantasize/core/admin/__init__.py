"""What every admin page stands on."""
