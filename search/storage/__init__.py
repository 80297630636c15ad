"""The format of an index on disk, the same for all engines."""
