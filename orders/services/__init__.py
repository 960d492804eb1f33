"""All writes of orders: placing, holds, moves, payments."""
