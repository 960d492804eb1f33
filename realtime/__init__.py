"""Live push over WebSocket."""
