"""Reading of printed dates, in fields, URLs and text."""
