"""Countries, persons and dates of an article."""

from index.facets.extract import Facets, find

__all__ = ["Facets", "find"]
