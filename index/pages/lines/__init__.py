"""One line of a page: its features and its kind."""
