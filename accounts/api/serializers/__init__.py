"""What accounts reads and writes over HTTP."""
