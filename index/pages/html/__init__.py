"""The story of an HTML page."""
