"""The channels: each turns its own kind of request into one call of `take_turn` and renders the one reply."""
