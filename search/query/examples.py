"""Examples of the query language for the help page; docs/query.md explains it in full."""

from __future__ import annotations

EXAMPLES = (
    (["port treaty"], "both words, in any form"),
    (['"port treaty"'], "exactly these words, side by side"),
    (['"port treaty"~5'], "these words in this order, each at most 5 words after the one before"),
    (["port OR treaty", "port NOT treaty"], "one of them; the first without the second"),
    (["+port treaty", "port -treaty"], "the first for sure and the second if possible; the first without the second"),
    (["(port OR harbour) treaty"], "one of the first two, and the third"),
    (["title:treaty"], "the word in the headline"),
    (["person:putin", 'country:"north korea"', "source:gazette"], "that person, country or publisher"),
    (["date:2024-01", "date:[2024-01-01 to 2024-02-01]"], "a day, a month, a year or a period of publication"),
    (["date:yesterday", "date:last-week", 'date:"march 2024"'], "days in plain words"),
    (["harb*", "h?rbour"], "words that begin with harb; words with any one letter in place of ?"),
    (["putni~"], "words with at most one typo; ~2 allows two"),
    (["treaty^3 port"], "both, the first worth three times as much"),
)
"""Queries that mean the same or are related, and a description of the articles that they find."""
