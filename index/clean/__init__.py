"""The ordered cleaning steps, from a raw article to its story and facts."""
