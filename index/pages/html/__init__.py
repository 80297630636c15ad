"""The main content of an HTML page."""
