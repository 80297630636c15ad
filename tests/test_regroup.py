"""Stories found for a few articles at a time are those found for all at once; both are those of the plain rule."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache, cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.command_line import prose

from index.archive import grouper, links, signatures, stories

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAGRAPHS = [
    " ".join(prose(seed, 60).split()[:length]) for seed, length in enumerate((12, 30, 36, 40, 45, 50, 60, 60))
]
ENOUGH = 10_000


@cache
def signature(paragraphs: tuple[int, ...], edited: int) -> bytes:
    """Return the signature of an article of some paragraphs, with one word edited (none if 0)."""
    words = [word for number in paragraphs for word in PARAGRAPHS[number].split()]
    if edited:
        words[edited % len(words)] = f"edited{edited}"
    return signatures.signature(" ".join(words))


@cache
def shared(one: bytes, other: bytes) -> tuple[frozenset[str], frozenset[str]]:
    mine, theirs = signatures.keys(one), signatures.keys(other)
    return frozenset(mine.bands) & frozenset(theirs.bands), frozenset(mine.opening) & frozenset(theirs.opening)


@cache
def link(one: bytes, other: bytes) -> tuple[bytes, bytes, float] | None:
    """Return shorter, longer and share if two signatures are copies."""
    pair = (one, other)
    found = links.links(signatures.table(map(signatures.record, pair)), np.array([0]), np.array([1])).tolist()
    return (pair[found[0][0]], pair[found[0][1]], found[0][2]) if found else None


class Archive:
    """Articles as an index would keep them. A key that more than `crowd` articles have is ignored."""

    def __init__(self, crowd: int = ENOUGH) -> None:
        self.crowd = crowd
        self.signatures: dict[str, bytes] = {}
        self.stories: dict[str, str] = {}
        self.lookups: list[bytes] = []

    def are_candidates(self, one: bytes, other: bytes) -> bool:
        if one == other:
            return one != b""
        bands, opening = (sum(map(self._usable, terms)) for terms in shared(one, other))
        return bands >= signatures.MIN_BANDS or opening >= signatures.MIN_OPENING

    def _usable(self, term: str) -> bool:
        return self.crowd == ENOUGH or self._held[term] <= self.crowd

    @cached_property
    def _held(self) -> Counter[str]:
        every = (signatures.keys(one) for one in self.signatures.values())
        return Counter(term for keys in every for term in keys.bands + keys.opening)

    def neighbours(self, one: bytes) -> dict[str, bytes]:
        self.lookups.append(one)
        return {name: other for name, other in self.signatures.items() if self.are_candidates(one, other)}

    def write(self, new: Mapping[str, bytes], removed: frozenset[str] = frozenset()) -> stories.Regrouped:
        seeds = {}
        for name in removed & self.signatures.keys():
            seeds.update(self.neighbours(self.signatures[name]))
        self.signatures = {name: one for name, one in self.signatures.items() if name not in removed} | dict(new)
        seeds = {name: one for name, one in (seeds | dict(new)).items() if name in self.signatures}
        self.lookups = []
        found = stories.regroup(seeds, self.neighbours, ENOUGH)
        self.stories = {
            name: story for name, story in (self.stories | found.stories).items() if name in self.signatures
        }
        return found

    def plain_stories(self) -> dict[str, str]:
        """Return the stories by the rule of the documentation, pair by pair."""
        story = {name: name for name in self.signatures}

        def join(pairs: list[tuple[str, str]]) -> None:
            for one, other in pairs:
                first, second = sorted((story[one], story[other]))
                story.update({name: first for name, own in story.items() if own == second})

        of = self.signatures
        found = {}
        for pair in combinations(of, 2):
            one, other = (of[name] for name in pair)
            if one == other != b"":
                join([pair])
            elif one and other and self.are_candidates(one, other) and (copies := link(one, other)):
                found[pair if copies[0] == one else pair[::-1]] = copies
        join([pair for pair, copies in found.items() if copies[2] >= links.MIN_SHARE])
        best: dict[str, tuple[float, int, int, tuple[str, str]]] = {}
        for (shorter, longer), (low, high, share) in found.items():
            if story[shorter] != story[longer]:
                rank = (-share, signatures.fingerprint(high), signatures.fingerprint(low), (shorter, longer))
                best[story[shorter]] = min(best.get(story[shorter], rank), rank)
        join([rank[3] for rank in best.values()])
        return story


ARTICLES = st.builds(
    signature,
    st.lists(st.integers(0, len(PARAGRAPHS) - 1), min_size=1, max_size=5, unique=True).map(tuple),
    st.sampled_from([0, 0, 0, 1, 17, 70]),
)
RANDOM = st.integers(0, 9999).map(random.Random)
ARCHIVES = st.lists(ARTICLES, min_size=1, max_size=14).map(lambda made: {f"a{n:02}": one for n, one in enumerate(made)})


@given(ARCHIVES)
@settings(deadline=None, max_examples=150)
def test_all_at_once_are_the_stories_of_the_plain_rule(articles: dict[str, bytes]) -> None:
    archive = Archive()
    archive.signatures = articles
    assert stories.group(articles.items()) == archive.plain_stories()


@given(ARCHIVES, RANDOM)
@settings(deadline=None, max_examples=150)
def test_one_by_one_are_the_stories_of_all_at_once(articles: dict[str, bytes], source: random.Random) -> None:
    archive = Archive()
    names = source.sample(sorted(articles), len(articles))
    while names:
        new, names = names[: source.choice((1, 1, 3))], names[len(names[:1]) :]
        assert archive.write({name: articles[name] for name in new}).complete
        assert len(archive.lookups) == len(set(archive.lookups))
    assert archive.stories == stories.group(articles.items())


@given(ARCHIVES, ARCHIVES, RANDOM)
@settings(deadline=None, max_examples=150)
def test_after_removals_and_replacements_they_are_those_of_a_rebuild(
    articles: dict[str, bytes], others: dict[str, bytes], source: random.Random
) -> None:
    archive = Archive()
    archive.write(articles)
    for _ in range(4):
        removed = frozenset(source.sample(sorted(archive.signatures), min(len(archive.signatures), 3)))
        new = {name: others[name] for name in sorted(removed & others.keys())[:1]}
        archive.write(new, removed)
        assert archive.stories == stories.group(archive.signatures.items())


@given(ARCHIVES, st.integers(1, 6))
@settings(deadline=None, max_examples=60)
def test_the_keys_of_a_crowd_are_ignored(articles: dict[str, bytes], crowd: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouper, "CROWD", crowd)
        archive = Archive(crowd)
        archive.signatures = articles
        expected = archive.plain_stories()
        assert stories.group(articles.items()) == expected
        assert stories.regroup(articles, archive.neighbours, ENOUGH).stories == expected


@given(ARCHIVES)
@settings(deadline=None, max_examples=60)
def test_slices_do_not_change_the_stories(articles: dict[str, bytes]) -> None:
    expected = stories.group(articles.items())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouper, "SLICE", 2)
        patch.setattr(links, "PAIRS", 3)
        assert stories.group(articles.items()) == expected


def test_rows_are_numbered_in_the_order_of_the_input() -> None:
    one, other = signature((5, 6), 0), signature((4, 7), 0)
    made = grouper.Grouper()
    for row in (other, b"", one, other, b"x", one, b""):
        made.add(row)
    assert made.group().tolist() == [0, 1, 2, 0, 4, 2, 6]
    made.close()
    assert made._file.closed


def test_a_component_above_the_limit_is_left_out() -> None:
    copies = {f"c{n}": signature((5, 6, 7), n) for n in range(6)}
    archive = Archive()
    archive.signatures = {**copies, "d": signature((2, 3, 4), 0), "e": b""}
    found = stories.regroup(archive.signatures, archive.neighbours, 5)
    assert found.stories == {"d": "d", "e": "e"}
    assert found.left_out == copies.keys()
    assert not found.complete
    found = stories.regroup(archive.signatures, archive.neighbours, 6)
    assert found.complete
    assert found.stories == dict.fromkeys(copies, "c0") | {"d": "d", "e": "e"}


def test_equal_signatures_above_the_limit_are_left_out() -> None:
    archive = Archive()
    archive.signatures = {f"c{n}": signature((5, 6), 0) for n in range(6)}
    assert stories.regroup({"c3": signature((5, 6), 0)}, archive.neighbours, 5).left_out == archive.signatures.keys()


class TestKeys:
    def test_each_kind_and_position_has_its_own_terms(self) -> None:
        found = signatures.keys(signature((5, 6, 7), 0))
        terms = [found.same, *found.bands, *found.opening]
        assert len(set(terms)) == len(terms) == 1 + signatures.BANDS + signatures.OPENING_VALUES
        assert all(term.isascii() and term.isalnum() and term == term.lower() and len(term) <= 12 for term in terms)
        assert {found.same[0]} | {term[:3] for term in found.bands + found.opening} == {
            "s",
            *(f"b{n:02}" for n in range(signatures.BANDS)),
            *(f"o{n:02}" for n in range(signatures.OPENING_VALUES)),
        }

    def test_a_cut_copy_shares_terms_of_the_opening(self) -> None:
        whole, cut = signatures.keys(signature((7, 6, 5, 4), 0)), signatures.keys(signature((7,), 0))
        assert whole.same != cut.same
        assert whole.opening == cut.opening

    def test_no_terms_without_a_valid_signature(self) -> None:
        one = signature((5, 6), 0)
        for other in (b"", b"x", one[:-4], bytes([one[0] ^ 1]) + one[1:]):
            assert signatures.keys(other) == ("", (), ())
