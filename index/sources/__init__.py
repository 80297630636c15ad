"""From bytes to raw articles: files, folders, JSON lines, web archives."""
