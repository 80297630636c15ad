"""The engine whoosh:///PATH: Whoosh's index, searched with arrays."""
