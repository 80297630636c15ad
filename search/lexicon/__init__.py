"""The lexicon of a generation: its words, names and headlines, used for suggestions and spelling."""

from search.lexicon.amending import Changes, amend
from search.lexicon.building import LexiconBuilder, build
from search.lexicon.contents import Contents, Dated, Headline
from search.lexicon.lexicon import Lexicon

__all__ = ["Changes", "Contents", "Dated", "Headline", "Lexicon", "LexiconBuilder", "amend", "build"]
