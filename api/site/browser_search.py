"""What browsers need to search here from their address bar, and what others show of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, json, render_template, request, url_for
from marshmallow import EXCLUDE

from api.application import current_app
from api.site.feeds import address, sent
from api.site.language import t
from api.v1.requests import SuggestArgs, given
from api.v1.views import SUGGESTIONS

if TYPE_CHECKING:
    from flask import Response

    from search.model import Suggestion

ARGUMENTS = SuggestArgs()

OPENING_CHARS = 200
"""Of a description: what the cards of social networks show."""

blueprint = Blueprint("opensearch", __name__)


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """Send what browsers need to add Dateline as a search engine."""
    return sent(render_template("opensearch.xml"), "application/opensearchdescription+xml")


@blueprint.get("/suggestions")
def suggestions() -> Response:
    """Send the text that was typed, its completions, what they are, and their addresses: four lists in one.

    Raises:
        ValidationError: The text is too long, or given twice.
    """
    text = str(ARGUMENTS.load(given(request.args, ARGUMENTS), unknown=EXCLUDE))
    found = current_app.engine.suggest(text, SUGGESTIONS) if text.strip() else ()
    kept = list({one.label: one for one in reversed(found)}.values())[::-1]
    answer = text, [one.label for one in kept], [_told(one) for one in kept], [_leads_to(one) for one in kept]
    response = sent(json.dumps(answer), "application/x-suggestions+json")
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _told(one: Suggestion) -> str:
    kind = str(t(f"box.type_{one.type}").unescape())
    return kind if one.type == "headline" else f"{kind} · {t('box.articles', n=one.count).unescape()}"


def _leads_to(one: Suggestion) -> str:
    if one.type == "headline":
        return url_for("pages.article", article_id=one.value, _external=True)
    return address("pages.home", [("q" if one.type == "word" else one.type, one.value)])


@blueprint.app_template_filter()
def opening(text: str, limit: int = OPENING_CHARS) -> str:
    """Return the beginning of a text on one line, cut between words where that is possible, at most `limit` long."""
    line = " ".join(text[: 4 * limit].split())
    if len(line) <= limit:
        return line
    cut = line[:limit]
    return (cut.rpartition(" ")[0] or cut[:-1]).rstrip(" ,;:–—-") + "…"
