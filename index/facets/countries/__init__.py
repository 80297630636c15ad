"""Countries: lists of places, finding them, resolving them."""
