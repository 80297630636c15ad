"""The day of publication: all dates of a page, and the choice among them."""
