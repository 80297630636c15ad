"""The story of a plain-text dump."""
