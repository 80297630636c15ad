"""Search from the address bar of a browser, and short descriptions of pages for other sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, json, render_template, request, url_for
from marshmallow import EXCLUDE

from api.application import current_app
from api.site.feeds import address, sent
from api.site.language import t
from api.v1.requests import SuggestArgs, parameter_texts
from api.v1.views import SUGGESTIONS

if TYPE_CHECKING:
    from flask import Response

    from search.results import Suggestion

ARGUMENTS = SuggestArgs()

OPENING_CHARS = 200
"""Characters of a description: the cards of social networks show about as many."""

blueprint = Blueprint("opensearch", __name__)


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """Send the OpenSearch description, with which browsers add Dateline as a search engine."""
    return sent(render_template("opensearch.xml"), "application/opensearchdescription+xml")


@blueprint.get("/suggestions")
def suggestions() -> Response:
    """Send the typed text, its completions, their descriptions and their addresses, as OpenSearch defines it.

    Raises:
        ValidationError: The text is too long or given twice.
    """
    text = str(ARGUMENTS.load(parameter_texts(request.args, ARGUMENTS), unknown=EXCLUDE))
    suggested = current_app.engine.suggest(text, SUGGESTIONS) if text.strip() else ()
    unique = list({one.label: one for one in reversed(suggested)}.values())[::-1]
    answer = (
        text,
        [one.label for one in unique],
        [_description(one) for one in unique],
        [_address(one) for one in unique],
    )
    response = sent(json.dumps(answer), "application/x-suggestions+json")
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _description(one: Suggestion) -> str:
    kind = str(t(f"box.type_{one.type}").unescape())
    return kind if one.type == "headline" else f"{kind} · {t('box.articles', n=one.count).unescape()}"


def _address(one: Suggestion) -> str:
    if one.type == "headline":
        return url_for("pages.article", article_id=one.value, _external=True)
    return address("pages.home", [("q" if one.type == "word" else one.type, one.value)])


@blueprint.app_template_filter()
def opening(text: str, limit: int = OPENING_CHARS) -> str:
    """Return the beginning of a text on one line: at most `limit` characters, cut between words if possible."""
    line = " ".join(text[: 4 * limit].split())
    if len(line) <= limit:
        return line
    cut = line[:limit]
    return (cut.rpartition(" ")[0] or cut[:-1]).rstrip(" ,;:–—-") + "…"
