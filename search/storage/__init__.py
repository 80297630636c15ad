"""The format of an index on disk, shared by all engines."""
