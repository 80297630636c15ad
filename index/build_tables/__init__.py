"""Compiles the shipped tables from public lists. Run it by `make tables`; it needs the extra `tables`."""
