"""Reading of raw articles from files, folders, JSON lines and web archives."""
