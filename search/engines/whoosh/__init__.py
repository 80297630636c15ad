"""The engine `whoosh:///PATH`: Whoosh's index format, searched with numpy arrays."""
