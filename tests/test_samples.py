"""Cleaning and tagging of the samples, and of the scraped seed pages if they are there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.command_line import SAMPLES

from index.clean.steps import Rejected
from index.jobs import Job
from search.model import Article
from search.settings import Settings

EVAL = os.environ.get("DATELINE_EVAL")

DATES = {
    "text": {
        "harbour-talks-lisbon": "2025-03-04",
        "bridgetown-cricket-coach": "2024-06-28",
        "anatolia-quake": "2024-02-17",
        "kinshasa-brazzaville-bridge": "2025-06-17",
        "telescope-first-light": "2024-09-12",
        "crane-count-korea": "2024-01-23",
        "mekong-rice-short": "2023-11-09",
        "ambassadors-hanoi-lake": "2023-09-14",
        "seoul-battery-metals": "2025-03-11",
        "rotterdam-flood-gates": "2024-09-18",
        "envoy-hopeful-on-nickel": "2025-03-12",
        "arctic-shipping-season": "2023-08-29",
        "moon-lander-touches-down": "2024-11-21",
        "accra-payment-system": "2025-03-06",
        "nairobi-climate-fund": "2025-09-08",
        "dhaka-cholera-vaccine": "2024-09-24",
        "tbilisi-wine-exports": "2024-10-03",
        "halifax-right-whales": "2023-07-19",
        "atlanta-peach-frost": "2025-03-20",
        "hamburg-hafen-fahrplan": "2025-03-05",
        "amman-water-plant": "2024-05-14",
        "dakar-accord-peche": "2024-12-05",
        "thanksgiving-turkey-prices": "2023-11-20",
        "lima-cumbre-papa": "2024-05-30",
        "ndjamena-solar": "2024-04-02",
        "santos-cafe-porto": "2025-10-09",
        "washington-science-budget": "2025-10-02",
        "fray-bentos-river-vote": "2023-10-30",
    },
    "html": {
        "ports-charter": "2025-03-05",
        "atacama-telescope": "2024-09-11",
        "mekong-rice": "2023-11-08",
        "copperbelt-railway": "2025-06-04",
        "nairobi-summit-report": "2025-09-08",
        "warszawa-pociag-nad-baltyk": "2024-03-15",
        "istanbul-deprem-sensoru": "2024-02-18",
        "berlin-waermenetz": "2025-10-14",
        "lyon-vaccin-biscuit": "2024-09-26",
        "two-georgias": "2025-05-22",
        "oslo-electric-ferry": "2025-10-13",
        "manila-typhoon-school": "2025-10-21",
        "cairo-papyrus-museum": "2023-06-15",
        "astana-saiga-count": "2024-05-06",
    },
}
"""File -> day of publication, as its writer chose it."""

LISTS: dict[str, tuple[str, str]] = {
    "text/accra-payment-system": ("durian bond|cookbook|hundred-dollar note", "MY JM"),
    "text/ambassadors-hanoi-lake": ("gospel|lime tree|wrestlers|Visa rules", "GH IT SI KZ UZ"),
    "text/amman-water-plant": ("bears wake|sails dhow|tobacco|oldest ferry", "SK MZ CU CA"),
    "text/anatolia-quake": ("storks|opens a hospital|Danube", "LT NP"),
    "text/arctic-shipping-season": ("telegraph clerk|head Lagos|anchovy", "MU NG PA PE"),
    "text/atlanta-peach-frost": ("goalkeeper|tortoise|Zimbabwe|elephant", "DE ZW TH"),
    "text/bridgetown-cricket-coach": ("strangest final|rowers|night stage|Olympic", "EE RS RW"),
    "text/crane-count-korea": ("bans nets|lonely swift", "BN NA"),
    "text/dakar-accord-peche": ("prête un robot|combat de Noël|le cèdre", "JP CI LB"),
    "text/dhaka-cholera-vaccine": ("by candle|sniff out|singing ward|2020", "HN BW JP"),
    "text/fray-bentos-river-vote": ("fado|Election diary|ball season|pictures", "PT LV GH NR AT"),
    "text/halifax-right-whales": ("lake that came back|Fashion|rows from", "UZ IT TO WS"),
    "text/hamburg-hafen-fahrplan": ("Glocke|Larrañaga|Papyrus|Hochwasser", "AT EG"),
    "text/harbour-talks-lisbon": ("Swimmer|soups|eight peaks|mango|mangrove|Violinist", "HR NP PK BR AZ FJ"),
    "text/kinshasa-brazzaville-bridge": ("gorilla|night train|Uwimana", "RW MW BE"),
    "text/lima-cumbre-papa": ("tren al este|orquesta|tenista|tormenta", "KR HT CZ"),
    "text/mekong-rice-short": ("barley|floor price|crushers|Inspector", "UA MX AR"),
    "text/moon-lander-touches-down": ("mushrooms|whale skeleton|statistics medal", "HU QA NO"),
    "text/nairobi-climate-fund": ("reef nursery|footbridge|Sprinter|December 2015", "AU BY LV"),
    "text/ndjamena-solar": ("fait peau neuve|ferry pier|vaches", "MN PH CH"),
    "text/rotterdam-flood-gates": ("oldest tree|collarbone|Tram line", "LU AD HR"),
    "text/santos-cafe-porto": ("mundial de vela|Olinda|rota aérea", "NZ CV"),
    "text/seoul-battery-metals": ("olive harvest|energy dinner|jollof", "ES FI CA GH"),
    "text/tbilisi-wine-exports": ("roses fly|tallest tree|Pizarro|school buses", "EC DK US"),
    "text/telescope-first-light": ("magma|fireflies|smell of rain", "IS JM KE"),
    "text/thanksgiving-turkey-prices": ("tram drivers|kite maker|yogurt|juggle", "HK BG"),
    "text/washington-science-budget": ("Okonkwo|pandas|Roman kitchen|dentures", "TW CY"),
    "html/astana-saiga-count": ("carpet|Belozyorov|wadi", "AZ OM"),
    "html/atacama-telescope": ("medieval observatory|bicycle|Sunday letter", "IR SK"),
    "html/berlin-waermenetz": ("Schafe|Echeverría|Frost vom", "NZ PY"),
    "html/cairo-papyrus-museum": ("umbrellas|Potter|its stones", "ML FI KH"),
    "html/copperbelt-railway": ("spelling bee|vanilla|Boxer|Ask my wife", "MG SZ"),
    "html/istanbul-deprem-sensoru": ("zeytin|Yüzücü|tramvay", "IT SI EG"),
    "html/lyon-vaccin-biscuit": ("totem|Cyclisme|dromadaire", "CA BE AU"),
    "html/manila-typhoon-school": ("sunflower|Kahurangi|strong dollar", "HU NZ PE"),
    "html/mekong-rice": ("slowest railway|Designer|camel hospital", "LA NP SA IT"),
    "html/nairobi-summit-report": ("insured its bees|glaciologist|in one night", "GR IS"),
    "html/oslo-electric-ferry": ("counts its seals|opens a tunnel", "SK GH"),
    "html/ports-charter": ("tugboat|forty years|lifts a wreck|214 partners", "SG UA LK"),
    "html/two-georgias": ("avocado|by drone|Botanist|free articles", "KE CL"),
    "html/warszawa-pociag-nad-baltyk": ("osioł|Premier|Skoczek|cookie", "ES MT"),
}
"""File -> words from its lists of other stories, and the countries that only these lists name."""


@pytest.fixture(scope="module")
def samples() -> dict[str, Article | Rejected]:
    items = list(Job([str(SAMPLES)], Settings(workers=1)).extract())
    assert len({item.id for item in items}) == len(items)
    return {item.id: item for item in items}


def article(samples: dict[str, Article | Rejected], name: str) -> Article:
    folder, _, stem = name.partition("/")
    result = samples[f"samples~{folder}~{stem}.{'txt' if folder == 'text' else 'html'}"]
    assert isinstance(result, Article)
    return result


def test_each_file_is_read(samples: dict[str, Article | Rejected]) -> None:
    files = {f"samples~{path.parent.name}~{path.name}" for path in SAMPLES.glob("*/*")}
    lines = (SAMPLES / "wire.jsonl").read_text(encoding="utf-8").splitlines()
    ids = {str(row["id"]) for row in map(json.loads, lines) if "id" in row}
    assert files | ids <= set(samples)
    assert len(samples) == len(files) + len(lines) == 64


def test_the_two_broken_inputs_are_rejected_with_their_reasons(samples: dict[str, Article | Rejected]) -> None:
    refused = {item.id: (item.reason, item.origin) for item in samples.values() if isinstance(item, Rejected)}
    assert refused == {
        "samples~text~empty.txt": ("empty", str(SAMPLES / "text" / "empty.txt")),
        "samples~text~too-short.txt": ("too short", str(SAMPLES / "text" / "too-short.txt")),
    }


@pytest.mark.parametrize("name", [f"{folder}/{stem}" for folder, days in DATES.items() for stem in days])
def test_date_of_publication(samples: dict[str, Article | Rejected], name: str) -> None:
    folder, _, stem = name.partition("/")
    result = article(samples, name)
    assert (result.published or "")[:10] == DATES[folder][stem]
    assert result.published_from


def test_all_dates_are_listed() -> None:
    for folder, days in DATES.items():
        assert {path.stem for path in (SAMPLES / folder).iterdir()} - {"empty", "too-short"} == set(days)


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_other_stories_are_removed(samples: dict[str, Article | Rejected], name: str) -> None:
    result = article(samples, name)
    words, codes = LISTS[name]
    page = readable(next(SAMPLES.glob(f"{name}.*")).read_bytes())
    for phrase in words.split("|"):
        assert phrase in page, f"the sample has no {phrase!r}"
        assert phrase not in result.text
    assert not {country.code for country in result.countries} & set(codes.split())


def readable(page: bytes) -> str:
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError:
        return page.decode("iso8859-2" if b"iso-8859-2" in page else "cp1252")


SEEDS = {
    "000_6eebc892e962ecd8.txt": ("2024-01-21", "KP RU US KR JP CN UA", "Kim Jong Un|Vladimir Putin|Choe Son Hui"),
    "002_e30ee736b265359d.txt": (
        "2025-04-07",
        "KP RU US KR JP UA CN",  # the article names China: "Russia and China, both permanent members"
        "Kim Jong Un|Vladimir Putin|Choe Son Hui|Sergey Lavrov",
    ),
}
"""File -> day, countries, and some of the persons."""

PAGE_WORDS = ("Indexbit View", "veryGood!", "Related", "Ranking", "Recommendation", "SOURCE:AP")


@pytest.mark.skipif(not EVAL, reason="DATELINE_EVAL names no folder of evaluation data")
@pytest.mark.parametrize("name", SEEDS)
def test_seeds(name: str) -> None:
    day, codes, persons = SEEDS[name]
    path = Path(str(EVAL)).resolve().parent / "seeds" / name
    (result,) = Job([str(path)], Settings(workers=1)).extract()
    assert isinstance(result, Article)
    assert (result.published or "")[:10] == day
    assert {country.code for country in result.countries} == set(codes.split())
    assert set(persons.split("|")) <= {person.name for person in result.persons}
    page = path.read_text(encoding="utf-8")
    about = page.partition("veryGood!")[0]
    assert {person.name for person in result.persons if person.name not in about} == set()
    headlines = [line.removeprefix("- ") for line in page.removeprefix(about).splitlines() if line.count(" ") > 3]
    assert len(headlines) > 20 or about == page
    for part in (*PAGE_WORDS, *headlines, "greets North Korean Foreign Minister"):
        assert part not in result.body
