"""Copies of one report are grouped into a story, other reports are not, in any order of the input."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.command_line import SAMPLES, prose

from index.archive import grouper, links, signatures, stories
from index.clean.steps import Rejected
from index.jobs import Job
from search import analysis
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from search.model import Article


def signature(text: str) -> bytes:
    return signatures.signature(analysis.streams(text)[0])


def group(texts: Mapping[str, str]) -> dict[str, str]:
    return stories.group((name, signature(text)) for name, text in texts.items())


def words(seed: int, count: int) -> str:
    """Return prose of `count` words."""
    return " ".join(prose(seed, count).split()[:count])


def edited(text: str, share: float, seed: int = 1) -> str:
    """Replace a share of the words of a text, in runs of five as an editor would."""
    words = text.split()
    source = random.Random(seed)
    for place in source.sample(range(0, len(words) - 5, 5), int(len(words) * share / 5)):
        words[place : place + 5] = [f"other{source.randrange(1000)}" for _ in range(5)]
    return " ".join(words)


LONG = prose(1, 400)


class TestGroup:
    def test_an_identical_copy(self) -> None:
        assert group({"b": LONG, "a": LONG, "c": prose(2, 400)}) == {"a": "a", "b": "a", "c": "c"}

    def test_case_spacing_and_quotes_do_not_matter(self) -> None:
        text = 'He said: "It\'s done." ' + LONG
        other = "HE SAID:\n\n“It’s done.”   " + LONG.upper()
        assert set(group({"a": text, "b": other}).values()) == {"a"}

    @pytest.mark.parametrize("kept", [0.67, 0.5, 0.34, 0.25, 0.1])
    @pytest.mark.parametrize("length", [700, 1500])
    def test_a_copy_cut_to_its_first_paragraphs(self, kept: float, length: int) -> None:
        text = words(1, length)
        cut = " ".join(text.split()[: int(length * kept)])
        assert set(group({"a": text, "b": cut, "c": words(2, length)}).values()) == {"a", "c"}
        assert set(group({"b": text, "a": cut}).values()) == {"a"}

    @pytest.mark.parametrize("left_out", [(0, 60), (25, 80), (100, 200), (340, 400)])
    def test_a_copy_with_a_paragraph_left_out(self, left_out: tuple[int, int]) -> None:
        whole = LONG.split()
        assert set(group({"a": LONG, "b": " ".join(whole[: left_out[0]] + whole[left_out[1] :])}).values()) == {"a"}

    @pytest.mark.parametrize("seed", range(5))
    def test_a_lightly_edited_copy(self, seed: int) -> None:
        assert set(group({"a": LONG, "b": edited(LONG, 0.05, seed)}).values()) == {"a"}

    @pytest.mark.parametrize("cut", [400, 150])
    def test_a_copy_under_another_headline(self, cut: int) -> None:
        one, other = words(8, 12), words(9, 12)
        copy = f"{other} {' '.join(LONG.split()[:cut])}"
        assert set(group({"a": f"{one} {LONG}", "b": copy}).values()) == {"a"}

    def test_a_copy_with_a_paragraph_added(self) -> None:
        own = words(5, 60)
        assert set(group({"a": LONG, "b": f"{LONG} {own}", "c": f"{own} {LONG}"}).values()) == {"a"}

    @pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
    @pytest.mark.parametrize("length", [100, 250, 1000])
    def test_a_rewritten_text_is_another_story(self, share: float, length: int) -> None:
        text = words(1, length)
        assert group({"a": text, "b": edited(text, share)}) == {"a": "a", "b": "b"}

    def test_a_shared_quote_does_not_make_copies(self) -> None:
        quote = " ".join(prose(9, 40).split()[:40])
        texts = {name: f"{prose(seed, 150)} {quote}" for name, seed in (("a", 1), ("b", 2), ("c", 3))}
        assert group(texts) == {"a": "a", "b": "b", "c": "c"}

    def test_a_round_up_does_not_join_the_reports_in_it(self) -> None:
        first, second, third = (words(seed, 150) for seed in (1, 2, 3))
        texts = {"a": first, "b": second, "c": third, "d": f"{first} {second} {third}"}
        assert group(texts) == {"a": "a", "b": "b", "c": "c", "d": "a"}
        assert len(set(group({**texts, "d": f"{first} {second}"}).values())) == 3
        assert len(set(group({**texts, "d": f"{words(7, 60)} {first} {second} {third}"}).values())) == 4

    def test_two_reports_that_open_with_the_same_brief_stay_two(self) -> None:
        brief = words(1, 90)
        found = group({"a": brief, "b": f"{brief} {words(2, 200)}", "c": f"{brief} {words(3, 400)}"})
        assert found == {"a": "a", "b": "a", "c": "c"}  # the brief is a larger part of "b" than of "c"

    @pytest.mark.parametrize("length", [60, 120, 300])
    def test_boilerplate_does_not_make_copies(self, length: int) -> None:
        above, below = words(98, 20), words(99, 40)
        found = group({f"a{seed}": f"{above} {words(seed, length)} {below}" for seed in range(20)})
        assert len(set(found.values())) == 20

    def test_a_cut_copy_is_found_among_hundreds_with_the_same_first_line(self) -> None:
        above = words(98, 15)
        texts = {f"a{seed:03}": f"{above} {words(seed, 400)}" for seed in range(200)}
        copies = {f"b{name}": " ".join(text.split()[:150]) for name, text in texts.items()}
        found = group(texts | copies)
        assert [name for name in texts if found[f"b{name}"] != name] == []
        assert len(set(found.values())) == 200

    def test_briefs_that_differ_in_one_figure_stay_two(self) -> None:
        head, tail = words(1, 20), words(2, 35)
        assert group({"a": f"{head} 6.5 {tail}", "b": f"{head} 6.7 {tail}"}) == {"a": "a", "b": "b"}
        assert set(group({"a": f"{head} 6.5 {tail}", "b": f"{head} 6.5 {tail}"}).values()) == {"a"}
        assert set(group({"a": f"{head} 6.5 {tail}", "b": f"Bern {head} 6.5 {tail} Reuter"}).values()) == {"a"}

    def test_a_text_without_spaces(self) -> None:
        source = random.Random(1)
        one, other = ("".join(chr(source.randrange(0x4E00, 0x5E00)) for _ in range(400)) for _ in range(2))
        found = group(
            {"a": one, "b": one[:150], "c": f"{one[:200]}新{one[201:]}", "d": other, "e": other[:100] + one[:80]}
        )
        assert found == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}

    def test_texts_of_a_few_words_are_never_copies(self) -> None:
        table = " ".join(f"w{n}" for n in range(signatures.MIN_SHINGLES + signatures.SHINGLE - 2))
        assert signature(table) == b""
        assert signature(table + " more") != b""
        assert group({"a": table, "b": table, "c": ""}) == {"a": "a", "b": "b", "c": "c"}

    def test_no_articles(self) -> None:
        assert stories.group([]) == {}

    def test_hundreds_of_copies_are_one_story(self) -> None:
        one = signature(LONG)
        found = stories.group([(f"{number:05}", one) for number in range(1500)])
        assert set(found.values()) == {"00000"}


class TestSignature:
    @pytest.mark.parametrize("shared", [0.3, 0.6, 0.9])
    def test_the_overlap_is_exact_for_short_texts_and_close_for_long_ones(self, shared: float) -> None:
        for count, off in ((200, 0.0), (2000, 0.1)):  # for long texts within three standard deviations
            one = [f"w{n}" for n in range(count)]
            kept = int(count * shared)
            two = one[:kept] + [f"v{n}" for n in range(2 * count - kept)]
            rows = [signatures.record(signatures.signature(" ".join(text))) for text in (one, two[: count + 50])]
            found = links.overlap(signatures.table(rows), np.array([1]), np.array([0]))
            assert (found.shorter.tolist(), found.longer.tolist()) == ([0], [1])
            contained, share = found.contained[0], found.share[0]
            truth = kept - signatures.SHINGLE + 1
            assert contained == pytest.approx(truth / (count - signatures.SHINGLE + 1), abs=off)
            assert share == pytest.approx(truth / (count + 50 - signatures.SHINGLE + 1), abs=off)

    def test_it_never_changes_and_is_small(self) -> None:
        # Signatures are stored in the index. A change of this hash needs another FORMAT.
        made = signatures.signature(words(1, 3000))
        assert len(made) == 1320
        assert hashlib.sha256(signature(words(1, 300))).hexdigest()[:16] == "96698b9c76bfe602"

    def test_signatures_of_another_format_stay_alone(self) -> None:
        one = signature(LONG)
        older = bytes([one[0] ^ 1]) + one[1:]
        odd = [
            ("old", older),
            ("old2", older),
            ("cut", one[:-4]),
            ("cut2", one[:-4]),
            ("long", one + b"...."),
            ("x", b"x"),
        ]
        found = stories.group([("a", one), ("b", one), *odd, ("y", b"\0" * 504), ("z", b"\0" * 504)])
        assert found == {"a": "a", "b": "a"} | {
            name: name for name in ("old", "old2", "cut", "cut2", "long", "x", "y", "z")
        }


def _chain() -> list[tuple[str, bytes]]:
    """Return signatures of texts that change step by step, so that only neighbours are copies."""
    words = LONG.split()
    found = []
    for number in range(12):
        drift = [f"d{step}" for step in range(number * 40)]
        found.append((f"a{number:02}", signature(" ".join(words[number * 25 :] + drift))))
    return found


def _round_ups() -> list[tuple[str, bytes]]:
    """Return signatures of briefs, of reports that open with them, and of round-ups that contain several."""
    briefs = [words(seed, 80) for seed in range(20, 24)]
    reports = [f"{brief} {words(30 + n, 60 * n)}" for n in range(2, 5) for brief in briefs]
    ups = [" ".join(random.Random(seed).sample(briefs, 3)) for seed in range(5)]
    return [(f"r{n:02}", signature(text)) for n, text in enumerate(briefs + reports + ups)]


CHAIN = [*_chain(), *((f"b{n}", signature(edited(LONG, n / 40, n))) for n in range(8)), ("c", b""), *_round_ups()]


@given(st.permutations(CHAIN))
@settings(deadline=None, max_examples=60)
def test_the_order_of_the_input_does_not_matter(order: list[tuple[str, bytes]]) -> None:
    assert stories.group(order) == stories.group(CHAIN)


def test_the_chain_has_several_stories_of_different_sizes() -> None:
    sizes = Counter(stories.group(CHAIN).values()).values()
    assert max(sizes) > 2
    assert len(sizes) > 5


@given(st.sets(st.sampled_from(CHAIN), min_size=1), st.sets(st.sampled_from(CHAIN)))
@settings(deadline=None, max_examples=60)
def test_an_update_gives_the_stories_of_a_rebuild(old: set[tuple[str, bytes]], new: set[tuple[str, bytes]]) -> None:
    kept = {name: bytes(bytearray(one)) for name, one in old}  # as read back from an index
    stories.group(kept.items())
    assert stories.group((kept | dict(new)).items()) == stories.group(sorted(old | new, reverse=True))


@given(st.sets(st.sampled_from(CHAIN)))
@settings(deadline=None, max_examples=60)
def test_the_id_of_a_story_is_the_smallest_id_of_its_articles(some: set[tuple[str, bytes]]) -> None:
    found = stories.group(some)
    members: dict[str, list[str]] = {}
    for name, story in found.items():
        members.setdefault(story, []).append(name)
    assert found.keys() == {name for name, _ in some}
    assert all(story == min(names) for story, names in members.items())


def test_the_order_does_not_matter_in_a_crowded_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    # More than CROWD texts with the same beginning; some are copies, partly cut. Every order must find the same pairs.
    crowd = 64
    monkeypatch.setattr(grouper, "CROWD", crowd)
    above = words(98, 30)
    texts = [f"{above} {words(seed, 200)}" for seed in range(crowd)]
    texts += [" ".join(text.split()[: 100 + seed]) for seed, text in enumerate(texts) if seed % 3]
    rows = [(f"a{place:03}", signature(text)) for place, text in enumerate(texts)]
    expected = stories.group(rows)
    assert len(set(expected.values())) == crowd
    shuffled = random.Random(1)
    for _ in range(20):
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
