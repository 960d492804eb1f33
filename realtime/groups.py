"""Names of channel-layer groups. All of them are here, and none is made from what a client sends."""

# Every socket process listens here; each looks up by itself which of its sockets follow the order named.
ORDERS = "orders"
# And here, for the numbers on the shelves.
STOCK = "stock"
