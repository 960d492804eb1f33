"""What the shop tells about itself while it runs: logs, health, instance."""
