"""Explain a cleaned article: why each line was kept or cut, which dates were considered, where each fact comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.clean.language import language_of, normal
from index.clean.steps import Rejected, run_steps
from index.pages.facts.choose import Fact
from index.pages.page import Verdict
from search import answers
from search.model import SEPARATOR

if TYPE_CHECKING:
    from index.clean.steps import ArticleDraft
    from index.pages.dating.choose import Candidate
    from index.sources.raw import RawArticle
    from search.model import Article
    from search.settings import Settings

RECURS = "recurs on other pages of the source"
"""The reason of a paragraph that was cut because other pages have it, too."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decisions about one article and their reasons. `facts` are by name."""

    lines: tuple[Verdict, ...]
    dates: tuple[Candidate, ...]
    facts: dict[str, Fact]
    item: Article | Rejected

    def record(self) -> dict[str, Any]:
        """Return the output of `dateline extract --explain`: the usual object with an additional `explain`."""
        item = self.item
        usual = {"id": item.id, "rejected": item.reason} if isinstance(item, Rejected) else answers.ARTICLE.write(item)
        lines = [{"text": line.text, "kept": not line.reason, "reason": line.reason} for line in self.lines]
        dates = [
            {"place": d.place, "text": d.text, "published": d.published, "score": d.score, "refused": d.refused}
            for d in self.dates
        ]
        sources = {name: {"value": fact.value, "from": fact.place} for name, fact in self.facts.items()}
        return usual | {"explain": {"lines": lines, "dates": dates, "sources": sources}}


def explain(raw: RawArticle, item: Article | Rejected, settings: Settings) -> Explanation:
    """Explain how `raw` became `item`. The article is cleaned again, so that runs without `--explain` cost nothing."""
    draft, _ = run_steps(raw, settings)
    facts = {} if isinstance(item, Rejected) else _facts(draft, item)
    return Explanation(_lines(draft, item), draft.dating.candidates, facts, item)


def _lines(draft: ArticleDraft, item: Article | Rejected) -> tuple[Verdict, ...]:
    """Return the verdicts of the page. Lines that were cut later get the reason `RECURS`."""
    verdicts = draft.page.verdicts or tuple(Verdict(text) for text in draft.page.paragraphs)
    if isinstance(item, Rejected):
        return verdicts
    removed = set(draft.page.paragraphs) - set(item.body.split(SEPARATOR))
    return tuple(Verdict(v.text, RECURS) if not v.reason and v.text in removed else v for v in verdicts)


def _facts(draft: ArticleDraft, item: Article) -> dict[str, Fact]:
    detected = language_of(" ".join(draft.page.paragraphs[:4]))
    language_from = "field" if normal(draft.raw.language) else "text" if detected == draft.language else "markup"
    return {
        "title": Fact(item.title, draft.title_from),
        "published": Fact(item.published, item.published_from or ""),
        "source": draft.facts.source,
        "author": draft.facts.author,
        "dateline": draft.facts.dateline,
        "language": Fact(item.language, language_from if item.language else ""),
    }
