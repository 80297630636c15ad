"""Countries and persons of an article."""

from index.facets.extract import Facets, find

__all__ = ["Facets", "find"]
