"""Marking what matches in a text."""
