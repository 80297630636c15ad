"""Source, author, dateline and headline of a page."""
