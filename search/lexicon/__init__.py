"""The lexicon of a generation: its words, names and headlines, used for suggestions and spelling."""

from search.lexicon.lexicon import Contents, Dated, Headline, Lexicon, build

__all__ = ["Contents", "Dated", "Headline", "Lexicon", "build"]
