"""Pages: what is their story, what they say about it, when they were published."""
