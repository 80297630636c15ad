"""The cleaning steps, in order: from a raw article to an article."""
