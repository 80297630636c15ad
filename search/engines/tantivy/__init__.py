"""The engine tantivy:///PATH, the embedded default."""
