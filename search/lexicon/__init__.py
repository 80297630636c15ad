"""The words, names and headlines of one generation of an index: suggestions while a user types, and spelling."""

from search.lexicon.lexicon import Contents, Dated, Headline, Lexicon, build

__all__ = ["Contents", "Dated", "Headline", "Lexicon", "build"]
