"""The kernel: what every app stands on. Imports no app."""
