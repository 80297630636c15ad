"""The main content of a plain-text page."""
