"""Reading of pages: main content, facts and date of publication."""
