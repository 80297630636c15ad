"""The REST interface: what it takes and what it answers."""
