"""What people bought: orders, their lines, holds, payments and the one writer of their status."""
