"""Persons: lists of words, the tagger, merging names."""
