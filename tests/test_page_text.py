"""Plain-text pages: which lines are the main content, which are not, and why."""

from __future__ import annotations

import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.pages.lines.kinds import Kind, words_of
from index.pages.lines.line import KNOWN_LINES, line_of, lines_of, unwrap
from index.pages.text import read as page_text
from index.pages.text.best_run import best_run, in_tables
from index.pages.text.read import read_page

TITLE = "Harbour town builds a second lighthouse"
STORY = [
    "The harbour town of Portvale began on Monday to build a second lighthouse, four years after ships ran aground.",
    "“Nobody saw the rocks in the fog that night,” said the pilot Ida Berg, who has guided ships here since 1998.",
    "The tower is to be 31 metres high, and its light will reach as far as the islands, according to the council.",
    "Fishermen had asked for it in three petitions, the last of which was signed by almost everybody in the town.",
    "Work on the foundations will take until autumn, and the lamp is to be lit for the first time on New Year's Eve.",
]
MENU = ["Home", "News", "Culture", "Sport", "Log in", "Subscribe"]
TEASERS = ["Whale comes to town for a week", "Baker wins the prize of the guild", "Rain again on Sunday"]
FOOTER = ["About us", "Contact", "© 2025 Portvale Post. All rights reserved."]

REASONS = {*page_text.REASONS.values(), page_text.HEADLINE, page_text.ABOVE, page_text.BELOW, page_text.LISTED}


def page(*below: str, story: list[str] = STORY, above: tuple[str, ...] = ()) -> str:
    return "\n".join([*MENU, *above, TITLE, "By Ann Lee", "March 3, 2025", *story, *below, *FOOTER])


def content_of(text: str, title: str | None = None) -> list[str]:
    return list(read_page(text, title).paragraphs)


class TestAroundTheContent:
    @pytest.mark.parametrize(
        "below",
        [
            ("Related", *TEASERS),
            ("Tags: lighthouses, harbours", "Share this article", "Facebook", "Twitter"),
            ("You may also like", TEASERS[0], "A whale has come to the town and is expected to stay for a week...", TEASERS[1]),
            ("3 comments", "Bob", "I have lived here for forty years and never saw a ship near those rocks.", "Reply"),
            ("Sign up for our newsletter and get the news of the harbour in your inbox.", "Email address"),
            ("About the author", "Ann Lee is a reporter of the Portvale Post who covers ships and the sea."),
            ("Ann Lee can be reached at ann@post.example or on the telephone.",),
            ("By clicking Subscribe you agree to our terms and to our privacy policy.", "Thank you for subscribing!"),
            ("Photo: Ida Berg", "Advertisement", "Back to top"),
            ("2 days ago", *TEASERS, "3 days ago", *TEASERS),
        ],
    )  # fmt: skip
    def test_lines_below_are_cut(self, below: tuple[str, ...]) -> None:
        result = read_page(page(*below))
        assert result.title == TITLE
        assert list(result.paragraphs) == STORY
        assert result.tail[: len(below)] == below

    def test_long_comments_are_not_content(self) -> None:
        comment = (
            "I have lived here for forty years, and all that time I have never seen a ship come near those rocks, "
        )
        comments = [f"{comment}which is why I say that number {number} is enough for us." for number in range(30)]
        assert content_of(page("30 comments", *comments)) == STORY

    def test_a_sentence_about_readers_is_kept_in_news(self) -> None:
        sentence = "The council put the plans on its website, and more than 400 readers wrote to it within a week."
        assert content_of(page("Related", *TEASERS, story=[*STORY[:2], sentence, *STORY[2:]])) == [
            *STORY[:2],
            sentence,
            *STORY[2:],
        ]

    def test_truncated_teasers_are_not_content(self) -> None:
        opening = "The wind turned in the night, and in the morning the boats that had gone out could be seen from the"
        others = [line for number in range(8) for line in (f"Whale number {number} seen", f"{opening} hill {number}…")]
        assert content_of(page(*others)) == STORY

    def test_complete_teasers_in_a_list_are_not_content(self) -> None:
        opening = "The wind turned in the night, and in the morning the boats that had gone out could be seen from hill"
        others = [line for number in range(30) for line in (f"Whale number {number} seen", f"{opening} {number}.")]
        assert content_of(page("Related", *others)) == STORY

    def test_a_copyright_notice_is_not_content(self) -> None:
        notice = "© Wire 2025. All rights reserved. No part of this may be published again without leave of the Wire."
        assert content_of(page(notice)) == STORY


class TestInsideTheContent:
    def test_lists_subheadings_and_tables_are_kept(self) -> None:
        figures = [cell for number in range(12) for cell in (f"Tower {number}", f"{number * 7} m", f"{1900 + number}")]
        listed = ["Among the gifts were:", "a lamp from Norland", "two bells", "a boat with a sail"]
        story = [*STORY[:2], "The second tower", *listed, STORY[2], "Tower", "Height", "Built", *figures, *STORY[3:]]
        assert content_of(page("Related", *TEASERS, story=story)) == story

    def test_a_long_list_does_not_end_the_content(self) -> None:
        names = [f"Boat of the family {first}{last}" for first in "ABCDEFGH" for last in "aeiouy"]
        more = [line.replace("town", "port") for line in STORY]
        story = [
            *STORY,
            *more,
            *names,
            "That is the whole fleet, the harbour master said, and each boat of it needs the light.",
        ]
        assert content_of(page(story=[*story, *STORY])) == [*story, *STORY]

    def test_a_table_below_the_last_sentence_is_kept(self) -> None:
        table = [
            cell
            for number in range(9)
            for cell in (f"Tower of saint {'ABCDEFGHI'[number]}", f"{number}", f"{number * 7}")
        ]
        assert content_of(page(story=[*STORY, *table]))[-20:] == table[-20:]

    @pytest.mark.parametrize(
        "box", [("Read more", *TEASERS), ("Advertisement",), ("Share", "Tweet", "Print"), ("3/7",)]
    )
    def test_a_box_is_cut_and_the_rest_is_kept(self, box: tuple[str, ...]) -> None:
        expected = [line for line in box if line == "3/7"]
        assert content_of(page(story=[*STORY[:2], *box, *STORY[2:]])) == [*STORY[:2], *expected, *STORY[2:]]

    def test_the_repeated_headline_is_cut(self) -> None:
        assert content_of(page(story=[STORY[0], TITLE.upper(), *STORY[1:]])) == STORY


class TestKindsOfText:
    @pytest.mark.parametrize("width", [50, 72, 100])
    def test_wrapped_lines_are_joined_in_a_page_too(self, width: int) -> None:
        wrapped = ["\n".join(textwrap.wrap(paragraph, width, break_on_hyphens=False)) for paragraph in STORY]
        text = "\n\n".join(
            ["\n".join(MENU), TITLE, "March 3, 2025", *wrapped, "\n".join(["Related", *TEASERS, *FOOTER])]
        )
        assert content_of(text) == STORY

    @pytest.mark.parametrize(
        ("end", "begin", "elsewhere", "joined"),
        [
            ("light-", "house", "", "lighthouse"), ("light-", "house", "The light-house stood.", "light-house"),
            ("self-", "made", "", "self-made"), ("self-", "made", "The word selfmade is rare.", "selfmade"),
            ("Franco-", "German", "", "Franco-German"), ("the 2023-", "24", "", "the 2023-24"),
            ("Bundes-", "kanzler", "", "Bundeskanzler"), ("мини-", "стерство", "", "министерство"),
            ("an x-", "ray", "", "an x-ray"), ("paid -", "so", "", "paid - so"),
        ],
    )  # fmt: skip
    def test_a_hyphenated_word_is_joined(self, end: str, begin: str, elsewhere: str, joined: str) -> None:
        lines = [
            "The harbour master, who had called the meeting late in",
            "the evening, said that the council was to be told of the",
            f"matter at once, as it had not been asked about {end}",
            f"{begin} that it had paid for so far.",
        ]
        text = "\n".join(lines) + (f"\n\n{elsewhere}" if elsewhere else "")
        assert unwrap(text)[0].endswith(f" asked about {joined} that it had paid for so far.")

    def test_an_article_in_capitals(self) -> None:
        capitals = [paragraph.upper() for paragraph in STORY]
        result = read_page(
            page("RELATED", *(teaser.upper() for teaser in TEASERS), story=capitals).replace(TITLE, TITLE.upper())
        )
        assert (result.title, list(result.paragraphs)) == (TITLE.upper(), capitals)

    def test_lost_punctuation(self) -> None:
        lost = [paragraph.replace("“", "?").replace("”", "?") for paragraph in STORY]
        assert content_of(page("Related", *TEASERS, story=lost)) == lost

    @pytest.mark.parametrize(
        ("menu", "title", "story", "below"),
        [
            (
                "Startseite\nAnmelden\nImpressum", "Zweiter Leuchtturm für Portvale",
                ["Die Hafenstadt Portvale hat am Montag mit dem Bau eines zweiten Leuchtturms begonnen, wie der Rat sagte.",
                 "Vor vier Jahren waren dort im Nebel zwei Schiffe auf die Felsen gelaufen, und niemand hatte sie gesehen."],
                "Das könnte Sie auch interessieren\nEin Wal kommt in die Stadt\nBäcker gewinnt Preis",
            ),
            (
                "Accueil\nConnexion", "Un second phare pour Portvale",
                ["La ville portuaire de Portvale a commencé lundi la construction d'un second phare, a annoncé la mairie.",
                 "Il y a quatre ans, deux navires s'étaient échoués dans le brouillard sur les rochers devant le port."],
                "À lire aussi\nUne baleine en ville\nLe boulanger gagne un prix",
            ),
            (
                "Главная\nВойти", "Второй маяк для Портвейла",
                ["В портовом городе в понедельник начали строить второй маяк, сообщила городская администрация жителям.",
                 "Четыре года назад два судна в тумане сели на скалы у входа в гавань, и никто их тогда не заметил."],
                "Читайте также\nКит приплыл в город\nПекарь получил премию",
            ),
            (
                "首页\n登录", "港口小城修建第二座灯塔",
                ["港口小城波特韦尔星期一开始修建第二座灯塔，四年前曾有两艘船在大雾中触礁，镇议会发言人这样说。",
                 "新灯塔高三十一米，灯光可以照到远处的岛屿，渔民们曾经三次请愿，要求修建这座灯塔，几乎人人都签了名。"],
                "相关新闻\n鲸鱼来到小城\n面包师获奖",
            ),
        ],
    )  # fmt: skip
    def test_languages(self, menu: str, title: str, story: list[str], below: str) -> None:
        result = read_page("\n".join([menu, title, "2025-03-03", *story, below, "© 2025 Post"]))
        assert (result.title, list(result.paragraphs)) == (title, story)


class TestVerdicts:
    def test_each_line_has_one_with_its_reason(self) -> None:
        result = read_page(page("Related", *TEASERS, "2 comments", "Bob says no.", above=("Sea > Towers",)))
        reasons = {verdict.text: verdict.reason for verdict in result.verdicts}
        assert [verdict.text for verdict in result.verdicts if not verdict.reason] == STORY
        assert {text: reasons[text] for text in ("Home", "Sea > Towers", TITLE, "By Ann Lee", "March 3, 2025")} == {
            "Home": "menu or footer", "Sea > Towers": "menu or footer", TITLE: "headline", "By Ann Lee": "byline",
            "March 3, 2025": "date",
        }  # fmt: skip
        assert (reasons["Related"], reasons[TEASERS[0]]) == ("heading of a list", "other stories")
        assert (reasons["2 comments"], reasons["Bob says no."]) == ("comments", "comments")
        assert reasons["Culture"] == "above the story"

    @given(st.lists(st.sampled_from([*MENU, TITLE, *STORY, *TEASERS, *FOOTER, "Related", "12", "", "a | b", "- x"])))
    @settings(max_examples=150, deadline=None)
    def test_they_have_every_line_and_agree_with_the_page(self, lines: list[str]) -> None:
        result = read_page("\n".join(lines))
        assert [verdict.text for verdict in result.verdicts] == unwrap("\n".join(lines))
        assert tuple(verdict.text for verdict in result.verdicts if not verdict.reason) == result.paragraphs
        assert {verdict.reason for verdict in result.verdicts} <= {"", *REASONS}


@st.composite
def composed(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Draw a page and its main content."""
    paragraphs = draw(st.permutations([*STORY, *(line.replace("harbour", "river") for line in STORY[:1])]))
    story = list(paragraphs[: draw(st.integers(3, len(paragraphs)))])
    if draw(st.booleans()):
        story.insert(2, "A longer season")
    boxes = draw(st.sampled_from([[], ["Advertisement"], ["Share", "Tweet"], ["Photo: Ida Berg"]]))
    inside = [*story[:1], *boxes, *story[1:]]
    above = draw(
        st.lists(st.sampled_from(["Home", "World", "Sport", "Your boats", "Sea | Land", "Log in"]), min_size=3)
    )
    below = draw(st.sampled_from([["Related", *TEASERS], ["Most read", *TEASERS], ["No comments"], ["Tags: sea"], []]))
    gap = draw(st.sampled_from(["\n", "\n\n"]))
    return gap.join([*above, TITLE, "March 3, 2025", *inside, *below, *FOOTER]), story


class TestAnyPage:
    @given(composed())
    @settings(max_examples=150, deadline=None)
    def test_the_content_is_found_and_reading_it_again_changes_nothing(self, drawn: tuple[str, list[str]]) -> None:
        text, story = drawn
        result = read_page(text)
        assert (result.title, list(result.paragraphs)) == (TITLE, story)
        again = "\n\n".join([result.title, *result.paragraphs])
        assert content_of(again) == story
        assert content_of(again, result.title) == story
        assert content_of("\n\n".join(story), result.title) == story

    @given(
        st.text(max_size=300)
        | st.lists(st.sampled_from([*STORY, *MENU, *TEASERS, "Comments", "©", ":", "'"])).map("\n".join)
    )
    @settings(max_examples=200, deadline=None)
    def test_words_are_neither_added_nor_moved(self, text: str) -> None:
        assert set("\n".join(read_page(text).paragraphs).split()) <= set(text.split()) | {
            "".join(pair) for pair in zip(text.split(), text.split()[1:], strict=False)
        }

    @pytest.mark.timing
    @pytest.mark.usefixtures("no_collector")
    @pytest.mark.parametrize(
        "unit",
        [
            "a: ",
            "1 ",
            "\n",
            "Home\n",
            "x",
            "You ",
            "Related\n",
            "1\n",
            "By A ",
            "the ",
            "© ",
            "a | ",
            "A.\n",
            "é’",
            "a@b ",
            "12/",
        ],
    )
    def test_hostile_text_takes_linear_time(self, unit: str) -> None:
        attempts = []
        for _ in range(4):  # noise on the machine only adds time
            seconds = []
            for size in (60_000, 240_000):
                start = time.process_time()
                read_page(unit * (size // len(unit)))
                seconds.append(time.process_time() - start)
            attempts.append(seconds[1] < 0.1 + 10 * seconds[0])
            if attempts[-1]:
                break
        assert any(attempts)


class TestLines:
    @pytest.mark.parametrize(
        ("line", "kind"),
        [
            ("Skip to main content", Kind.BOILERPLATE), ("Alle Rechte vorbehalten", Kind.BOILERPLATE), ("Kommentare (3)", Kind.COMMENTS),
            ("Most Read", Kind.HEADING), ("Lo más leído", Kind.HEADING), ("Latest News:", Kind.HEADING), ("17 comments", Kind.COMMENTS),
            ("Share on Facebook", Kind.NOISE), ("Facebook | Twitter | Email", Kind.NOISE), ("4 hours ago", Kind.DATE), ("5 min read", Kind.NOISE),
            ("Image 2: the tower", Kind.NOISE), ("Search for:", Kind.NOISE), ("BY ANN LEE", Kind.BYLINE), ("***", Kind.RULE),
            ("The tower (Ann Lee/Reuters)", Kind.NOISE), ("Ranking in 2023", Kind.SHORT), ("Cookies were baked for all.", Kind.SENTENCE),
            ("Share prices of shipbuilders rose", Kind.SHORT), ("Views of the harbour", Kind.SHORT), ("Comment was free", Kind.SHORT),
            ("Copyright law was the matter before the court of Portvale on Monday, and two judges took leave.", Kind.NOISE),
        ],
    )  # fmt: skip
    def test_kinds(self, line: str, kind: Kind) -> None:
        assert line_of(line).kind is kind

    @pytest.mark.parametrize(
        ("line", "aside"),
        [
            ("Subscribe to our newsletter to get updates in your inbox.", True), ("Ann Lee writes about ships and is the author of two books.", True),
            ("Reach her at ann@post.example.", True), ("The harbour was closed to ships of all kinds on Monday.", False),
            ("“We want our boats back, and you know it,” he said on Monday in the harbour of the town.", False),
        ],
    )  # fmt: skip
    def test_asides(self, line: str, *, aside: bool) -> None:
        assert line_of(line).aside is aside

    @given(
        st.lists(
            st.text(st.characters(exclude_characters="\n"), max_size=60)
            | st.lists(st.sampled_from(["Share", "you’ll", "The", "email", "2025", "May", "3,", "©", "|", "x@y", "‘so’", "É", "灯", ".", "\xa0"])).map(" ".join)
        )
    )  # fmt: skip
    def test_lines_at_once_equal_single_lines(self, texts: list[str]) -> None:
        KNOWN_LINES.clear()
        together = lines_of(texts)
        KNOWN_LINES.clear()
        assert together == [line_of(text) for text in texts]
        assert [line.text for line in lines_of(texts)] == texts

    @given(st.text(st.sampled_from("aB.1 \n\t\r\xa0\u2003\u2028\x1c\x85é"), max_size=39))
    def test_lines_have_single_spaces(self, text: str) -> None:
        parted = [" ".join(line.split()) for line in text.split("\n")]
        assert unwrap(text) == [line for line in parted if line]

    def test_words(self) -> None:
        assert words_of("Sign-in: don’t MISS it!") == ["sign", "in", "don't", "miss", "it"]
        assert words_of("Don't miss - it's E-Mail") == ["don't", "miss", "it's", "e", "mail"]

    def test_tables(self) -> None:
        lines = [
            line_of(text)
            for text in ["Results of all", "a", "b", "Ada", "1", "2", "Bo", "3", "4", "x", "y", "z", "End of it"]
        ]
        assert in_tables(lines) == [False, False, *([True] * 9), False, False]
        assert best_run([line_of("Nothing at all")]) == (0, 1)


def test_a_given_title_below_the_content_removes_nothing() -> None:
    story = "The ferry company said on Monday that it would sail twice a day from May."
    page = read_page(f"{story}\nSecond ferry to sail\nIt will not be cheap.", "Second ferry to sail", is_page=True)
    assert page.paragraphs[0] == story
    assert [verdict.text for verdict in page.verdicts] == [story, "Second ferry to sail", "It will not be cheap."]
