"""The write side: from raw scraped articles to indexed ones."""
