"""Copies of one story are grouped, other reports are not, whatever the order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from commandline import SAMPLES, prose
from hypothesis import given, settings
from hypothesis import strategies as st

from index import stories
from index.clean import Rejected
from index.jobs import Job
from search import analysis
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from search.model import Article


def signature(text: str) -> bytes:
    return stories.signature(analysis.streams(text)[0])


def group(texts: Mapping[str, str]) -> dict[str, str]:
    return stories.group((name, signature(text)) for name, text in texts.items())


def edited(text: str, share: float, seed: int = 1) -> str:
    """Return the text with a share of its words, in runs of five as an editor leaves them, replaced."""
    words = text.split()
    source = random.Random(seed)
    for place in source.sample(range(0, len(words) - 5, 5), int(len(words) * share / 5)):
        words[place : place + 5] = [f"other{source.randrange(1000)}" for _ in range(5)]
    return " ".join(words)


LONG = prose(1, 400)


class TestGroup:
    def test_a_copy_word_for_word(self) -> None:
        assert group({"b": LONG, "a": LONG, "c": prose(2, 400)}) == {"a": "a", "b": "a", "c": "c"}

    def test_case_spacing_and_quotes_make_no_other_story(self) -> None:
        text = 'He said: "It\'s done." ' + LONG
        other = "HE SAID:\n\n“It’s done.”   " + LONG.upper()
        assert set(group({"a": text, "b": other}).values()) == {"a"}

    def test_a_copy_cut_to_two_thirds(self) -> None:
        assert set(group({"a": LONG, "b": LONG[: len(LONG) * 2 // 3]}).values()) == {"a"}

    @pytest.mark.parametrize("seed", range(5))
    def test_a_lightly_edited_copy(self, seed: int) -> None:
        assert set(group({"a": LONG, "b": edited(LONG, 0.08, seed)}).values()) == {"a"}

    def test_a_heavily_rewritten_text_is_another_report(self) -> None:
        assert group({"a": LONG, "b": edited(LONG, 0.6)}) == {"a": "a", "b": "b"}

    def test_a_quote_in_common_is_no_copy(self) -> None:
        quote = " ".join(prose(9, 40).split()[:40])
        texts = {name: f"{prose(seed, 150)} {quote}" for name, seed in (("a", 1), ("b", 2), ("c", 3))}
        assert group(texts) == {"a": "a", "b": "b", "c": "c"}

    def test_texts_of_a_few_words_are_never_copies(self) -> None:
        table = " ".join(f"w{n}" for n in range(stories.MIN_SHINGLES + stories.SHINGLE - 2))
        assert signature(table) == b""
        assert signature(table + " more") != b""
        assert group({"a": table, "b": table, "c": ""}) == {"a": "a", "b": "b", "c": "c"}

    def test_no_articles(self) -> None:
        assert stories.group([]) == {}

    def test_hundreds_of_copies_are_one_story(self) -> None:
        one = signature(LONG)
        found = stories.group([(f"{number:05}", one) for number in range(1500)])
        assert set(found.values()) == {"00000"}


def test_the_estimate_is_that_of_the_overlap() -> None:
    import numpy as np

    words = [f"w{n}" for n in range(2000)]
    for shared in (0.2, 0.5, 0.8):
        cut = int(len(words) * (1 - shared))
        other = words[cut:] + [f"v{n}" for n in range(cut)]
        truth = (len(words) - cut) / (len(words) + cut)
        one, two = (np.frombuffer(stories.signature(" ".join(text)), "<u4") for text in (words, other))
        assert stories.overlap(one, two) == pytest.approx(truth, abs=0.13)  # three standard deviations


def _chain() -> list[tuple[str, bytes]]:
    """Return signatures of texts that drift apart step by step, so that only neighbours are copies."""
    words = LONG.split()
    found = []
    for number in range(12):
        drift = [f"d{step}" for step in range(number * 40)]
        found.append((f"a{number:02}", signature(" ".join(words[number * 25 :] + drift))))
    return found


CHAIN = [*_chain(), *((f"b{n}", signature(edited(LONG, n / 20, n))) for n in range(8)), ("c", b"")]


@given(st.permutations(CHAIN))
@settings(deadline=None, max_examples=60)
def test_the_order_of_the_input_does_not_matter(order: list[tuple[str, bytes]]) -> None:
    assert stories.group(order) == stories.group(CHAIN)


def test_the_order_does_not_matter_within_one_band() -> None:
    # All share the first band; only some of them overlap. Every order must find the same pairs.
    import numpy as np

    source = np.random.default_rng(7)
    base = source.integers(0, 2**32, stories.PERMUTATIONS, dtype="<u4")
    rows = []
    for number in range(40):
        row = source.integers(0, 2**32, stories.PERMUTATIONS, dtype="<u4")
        kept = source.random(stories.PERMUTATIONS) < 0.63
        row[kept] = base[kept]
        row[:3] = base[:3]
        rows.append((f"a{number:02}", row.tobytes()))
    shuffled = random.Random(1)
    expected = stories.group(rows)
    assert 1 < len(set(expected.values())) < len(rows)
    for _ in range(50):
        shuffled.shuffle(rows)
        assert stories.group(rows) == expected


def extracted(path: Path) -> dict[str, Article]:
    items = Job([str(path)], Settings(workers=1)).extract()
    return {item.id: item for item in items if not isinstance(item, Rejected)}


def test_the_samples_have_the_copies_that_their_readme_lists() -> None:
    text = (SAMPLES / "README.md").read_text(encoding="utf-8").split("## Copies of one story")[1].split("Different")[0]
    articles = extracted(SAMPLES)
    listed = []
    for row in text.splitlines():
        if not row.startswith("| ") or row.startswith("| Story"):
            continue
        ids = set()
        for name in row.split("|")[2].replace("`wire.jsonl` ", "").split(","):
            path = name.strip().strip("`")
            ids.add("samples~" + path.replace("/", "~") if "/" in path else path)
        listed.append(ids)
    assert len(listed) == 6
    assert all(ids <= set(articles) for ids in listed)
    found: dict[str, set[str]] = {}
    for article in articles.values():
        found.setdefault(article.story, set()).add(article.id)
    assert sorted(map(sorted, (ids for ids in found.values() if len(ids) > 1))) == sorted(map(sorted, listed))
