"""Matches of a query in a text, and snippets."""
