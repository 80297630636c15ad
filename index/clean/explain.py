"""Why an article came out as it did: each line kept or cut, each date considered, each fact's and tag's origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.clean.language import language_of, normal
from index.clean.steps import Rejected, go_through
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
"""Why a paragraph was cut that the page alone gave no reason to cut."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was decided about one article and why; `facts` by name."""

    lines: tuple[Verdict, ...]
    dates: tuple[Candidate, ...]
    facts: dict[str, Fact]
    item: Article | Rejected

    def record(self) -> dict[str, Any]:
        """Return what `dateline extract --explain` prints: the usual object and `explain`."""
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
    """Return why `raw` became `item`. Cleans it once more, so that what is not asked for costs nothing."""
    draft, _ = go_through(raw, settings)
    facts = {} if isinstance(item, Rejected) else _facts(draft, item)
    return Explanation(_lines(draft, item), draft.dating.candidates, facts, item)


def _lines(draft: ArticleDraft, item: Article | Rejected) -> tuple[Verdict, ...]:
    """Return the verdicts of the page; what fell later, as it recurs in the batch, is marked."""
    verdicts = draft.page.verdicts or tuple(Verdict(text) for text in draft.page.paragraphs)
    if isinstance(item, Rejected):
        return verdicts
    gone = set(draft.page.paragraphs) - set(item.body.split(SEPARATOR))
    return tuple(Verdict(v.text, RECURS) if not v.reason and v.text in gone else v for v in verdicts)


def _facts(draft: ArticleDraft, item: Article) -> dict[str, Fact]:
    read = language_of(" ".join(draft.page.paragraphs[:4]))
    told = "field" if normal(draft.raw.language) else "text" if read == draft.language else "markup"
    return {
        "title": Fact(item.title, draft.title_from),
        "published": Fact(item.published, item.published_from or ""),
        "source": draft.facts.source,
        "author": draft.facts.author,
        "dateline": draft.facts.dateline,
        "language": Fact(item.language, told if item.language else ""),
    }
