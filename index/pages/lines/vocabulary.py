"""The words of boilerplate lines, in the languages of most pages.

A phrase is a whole line, in lower case and without punctuation. An opening is the beginning of a line: its first words,
and the pattern of the rest of the line, in any case. The openings are looked up by the first word, so a line is
compared with few patterns only.
"""

from __future__ import annotations

import re


def _phrases(*phrases: str) -> frozenset[str]:
    return frozenset(phrase for line in phrases for phrase in line.split("; "))


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


MENU = _phrases(
    "home; homepage; home page; front page; main menu; menu; search; site search; login; log in; signin; sign in",
    "logout; log out; signup; sign up; register; my account; subscribe; subscribe now; subscription; subscriptions",
    "newsletter; newsletters; rss; rss feed; rss feeds; feedback; sitemap; site map; help; faq; faqs; about; about us",
    "contact; contact us; careers; advertise; advertise with us; terms; privacy; cookie",
    "cookies; disclaimer; classified; classifieds; obituaries; horoscope; horoscopes; crossword; crosswords; weather",
    "sport; sports; business; opinion; entertainment; lifestyle; politics; world; technology; travel; health; science",
    "video; photos; close; open; next; previous; back; load more",
    "show more; tumblr; startseite; anmelden; impressum; datenschutz; accueil; connexion; mentions légales",
    "inicio; portada; iniciar sesión; aviso legal; início; entrar; accedi; inloggen; anasayfa; ana sayfa; giriş",
    "главная; войти; 首页; ホーム; 홈",
)
"""Entries of menus and share bars. They are evidence that the text is a whole page."""

FORM = _phrases(
    "email address; your email; your email address; your e mail; e mail address; enter your email; work email",
    "first name; last name; your name; your nickname; username; password; name required; zip code; post code",
    "leave this field blank; leave this field empty; please leave this field empty; search for; search here",
    "thank you your submission has been received; oops something went wrong while submitting the form; sign me up",
    "thank you for subscribing; thanks for subscribing; thanks for signing up; thank you for signing up; submit",
    "your email address will not be published required fields are marked; loading; loading comments; get started",
    "table of contents; show caption; hide caption; view caption; listen to this article; watch demo; get a demo",
    "start free trial; add to cart; view all; see all; jump to review; in this article; in this post; back to top",
    "what's this; what is this; hosted by; story tools; article tools; text size; normal font; large font",
    "was this article helpful; was this helpful; was this page helpful; was this content helpful; how can we help",
    "found this article helpful; how useful was this post; did you like this article; opens in a new window",
    "opens in new window; share this; share this article; share this post; share this story; expand all; collapse all",
    "print email; send to a friend; email to a friend; email this; email story; report this; flag as inappropriate",
    "inhaltsverzeichnis; sommaire; índice; indice; inhoud; spis treści; içindekiler; содержание; 目录; 目次",
)
"""Labels, buttons and messages of forms and tools. They also occur between paragraphs."""

HEADINGS = _phrases(
    "don't miss; dont miss; in the news; around the web; in case you missed it; elsewhere; up next; keep reading",
    "also of interest; most discussed; sponsored links; partner links; about the author; about the authors",
    "about the writer; article sources; view article sources; sources and references; story highlights",
    "相关新闻; 相关阅读; 相关文章; 推荐阅读; 热门新闻; 热门文章; 関連記事; 関連ニュース; 人気記事; 관련기사",
    "관련 기사; 관련뉴스; 관련 뉴스; 많이 본 뉴스; اقرأ أيضا; اقرأ أيضاً; اقرا ايضا; الأكثر قراءة",
)
"""Headings of lists of other articles."""

COMMENTS = _phrases(
    "discussion about this post; discussion; cancel reply; article comments; comment viewing options",
    "report this comment; report abuse; permalink; talkback; talkback here",
    "do you have comments on this story; share your thoughts; what do you think; 评论; コメント; 댓글; التعليقات",
)
"""Headings of readers' comments."""


HEADING_OPENINGS = {
    "you": r" (?:may|might) (?:also )?(?:like|be interested in|have missed).{0,40}",
    "more": r" (?:from|on|in|about|like|stories|news|top|headlines|sport|articles|posts)\b.{0,40}",
    "related similar recommended recent latest popular trending top other further featured suggested previous next "
    "must": (
        r"(?: (?:\w+ )?(?:articles?|stories|story|posts?|news|reads?|reading|links?|content|topics?|items?|coverage|"
        r"headlines|products?|videos?|searches|resources|tags?|for you|now|today|this week|guides?|blogs?|insights?|"
        r"reviews?|pages?))(?: \D{0,30})?"
    ),
    "related ranking recommendation recommendations recommended trending explore popular promoted links references "
    "footnotes archive archives sponsored topics": r"(?: \D{0,25})?",
    "most": r" (?:read|popular|viewed|commented|shared|emailed|recent)(?: .{0,25})?",
    "editor editors": r"['’]?s?['’]? (?:picks?|choice)(?: .{0,25})?",
    "what": r" to read next(?: .{0,25})?",
    "read": r" (?:next|more|also|on)(?: .{0,25})?",
    "see": r" also(?: .{0,25})?",
    "also": r" (?:read|in|on)(?: .{0,25})?",
    "from": r" (?:the|our) (?:web|partners|archives?)(?: .{0,25})?",
    "tag tags topic category categories labels filed": r"(?: under)?(?:\s?:.{0,80}| .{0,25})?",
    "lesen": r" sie auch(?: .{0,25})?",
    "mehr": r" zum thema(?: .{0,25})?",
    "meistgelesen verwandte themen schlagworte": r"(?: .{0,25})?",
    "das": r" könnte sie auch interessieren(?: .{0,25})?",
    "à": r" (?:lire|découvrir|voir) aussi(?: .{0,25})?",
    "lire lees zobacz czytaj leggi lea lee leia veja les läs læs lue": (
        r" (?:aussi|ook|też|także|anche|también|também|mais|også|också|mer|myös)(?: .{0,25})?"
    ),
    "sur": r" le même sujet(?: .{0,25})?",
    "articles derniers": r" (?:récents|liés|similaires|articles)(?: .{0,25})?",
    "les los las i": r" (?:plus lus|más leíd[oa]s|più letti)(?: .{0,25})?",
    "te": r" puede interesar(?: .{0,25})?",
    "lo": r" más (?:leído|visto)(?: .{0,25})?",
    "noticias notícias articoli": r" (?:relacionadas|correlati)(?: .{0,25})?",
    "más mais": r" (?:noticias|leídas|lidas)(?: .{0,25})?",
    "relacionado relacionada relacionados relacionadas correlati gerelateerd polecamy etiketler luetuimmat": (
        r"(?: .{0,25})?"
    ),
    "potrebbe": r" interessarti(?: .{0,25})?",
    "meest mest": r" (?:gelezen|lest|läst|læste)(?: .{0,25})?",
    "najczęściej": r" czytane(?: .{0,25})?",
    "ilgili çok bunlar": r" (?:haberler|okunanlar|da ilginizi çekebilir)(?: .{0,25})?",
    "читайте самое по ещё": r" (?:также|читаемое|теме|по теме)(?: .{0,25})?",
}
"""Openings of headings above lists of other articles. The lines that follow such a heading belong to the list."""

COMMENT_OPENINGS = {
    "comment comments responses reply replies reviews views": (
        r"(?: \(?\d+\)?| so far| yet| below| policy)?(?: on .{0,80})?"
    ),
    "no reader user view show add post leave write your join the all submit readers": (
        r" (?:an? |the |your |all |new |\d+ |reader |user )*"
        r"(?:comments?|responses?|reply|replies|reviews?|discussion|conversation)(?: .{0,30})?"
    ),
    "have": r" your say.{0,40}",
    "reply": r" to this.{0,20}",
    "comments commenting": r" (?:are|is) (?:now )?(?:closed|off|turned off|disabled).{0,40}",
    "kommentar kommentare commentaire commentaires comentario comentarios comentário comentários commenti reacties "
    "komentarze yorumlar комментарии": r"(?: \(?\d+\)?)?",
}
COUNTED_COMMENTS = re.compile(
    r"\d+ (?:comments?|responses?|replies|reply|reviews|reader comments|kommentare?|commentaires?|comentarios?|"
    r"comentários|commenti|reacties|yorum|комментари\w+)(?: \(?\d+\)?| so far| yet| on .{0,80})?\Z",
    re.IGNORECASE,
)

MENU_OPENINGS = {
    "terms": r" (?:of|and|&) .{0,30}",
    "privacy": r" (?:policy|notice|statement|settings|&|and)(?: .{0,30})?",
    "cookie cookies": r" .{0,20}",
    "back": r" to .{0,20}",
    "skip": r" to .{0,25}",
    "toggle": r" .{0,20}",
    "view see": r" all.{0,20}",
}

FOOTER_OPENINGS = {"copyright c": r"\b.{0,160}"}
FOOTER = re.compile(
    r".{0,80}(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|"
    r"tutti i diritti riservati|todos os direitos reservados|все права защищены|tüm hakları saklıdır).{0,140}\Z",
    re.IGNORECASE,
)
FOOTER_WORDS = frozenset({
    "reserved", "vorbehalten", "réservés", "reservados", "riservati", "защищены", "saklıdır",
})  # fmt: skip
"""Words of footers.

Two lines of footers or menus are evidence that a text is a whole page. `(c)` is read as the word `c`.
"""

NOISE_OPENINGS = {
    "advertisement advertising sponsored ad anzeige publicité publicidad pubblicità реклама": r"\b.{0,40}",
    "story article": r" continues.{0,40}",
    "continue": r" reading.{0,40}",
    "scroll": r" (?:down )?.{0,30}",
    "recommend": r" (?:this|it).{0,30}",
    "share tweet print e-mail email save bookmark copy pin like listen download comment follow": (
        r"(?: (?:this|the|us|to|on|with|it|via|link|article|story|page|by)\b.{0,50})?"
    ),
    "read see watch listen learn find view click lees lire leer": (
        r" (?:more|also|next|all|here|full|the full|out more|aussi|también)\b.{0,100}"
    ),
    "related more watch video": r"\s?[:|»>].{0,140}",
    "related don": r"(?:['’]t miss| (?:article|story|reading))\s?[:|»>].{0,140}",
    "also see lire lea lesen can must": (
        r" (?:also |sie )?(?:read|also|aussi|también|auch)(?: article called)?\s?[:|»>].{0,140}"
    ),
    "source sources quelle fuente fonte źródło kaynak источник": r"\s?:\s?.{1,60}",
    "previous next older newer": r"(?: (?:story|article|post|page))?\s?[:»>«<].{0,140}",
    "page seite": r" \d+(?: (?:of|von) \d+)?",
    "image": r" \d+\s?:.{0,200}",
    "check": r" price.{0,60}",
    "buy shop": r" (?:now|at|on|from)\b.{0,40}",
    "see view": r" (?:it )?(?:at|on) (?:amazon|walmart|ebay|\w+\.com)\b.{0,60}",
    "posted filed": r" (?:in|under)\b.{0,60}",
    "table": r" of contents(?: .{0,20})?",
    "jump": r" to .{0,30}",
}
"""Openings of lines that never belong to an article, wherever they stand."""

NOISE = re.compile(
    r"(?:(?:share|tweet|print|e-?mail|facebook|twitter|linkedin|pinterest|reddit|whatsapp|telegram|messenger|copy link|"
    r"like|pin it|digg|x|instagram|threads|bluesky|del(?:\.icio\.us)?|stumbleupon|google\+?|youtube|flipboard|line|"
    r"wechat|mixx|newsvine|furl|netscape|technorati|yahoo|skriv ut|\d+)(?:[|,/·•:&\s-]+|\Z)){1,30}\Z",
    re.IGNORECASE,
)
NOISE_WORDS = _words(
    "share tweet print email e facebook twitter linkedin pinterest reddit whatsapp telegram messenger copy like",
    "pin digg x instagram threads bluesky del stumbleupon google youtube flipboard line wechat mixx newsvine furl",
    "netscape technorati yahoo skriv",
)
"""Words in rows of network names (`Facebook | Twitter`). The first word of a row is one of these."""

COUNTED_NOISE = re.compile(r"\d+ (?:shares?|views?|likes?|min(?:ute)?s?(?: read)?|of \d+)\Z", re.IGNORECASE)
AGO = re.compile(r"\d+ (?:second|minute|min|hour|day|week|month|year)s? ago\Z", re.IGNORECASE)

NOTICE_OPENINGS = {
    "sign subscribe register log join get click tap": (
        r"\b.{0,40}\b(?:newsletters?|alerts?|inbox|e-?mails?|here|now|free|briefing|app|headlines)\b.{0,160}"
    ),
    "photo photos picture pictures image images file foto caption credit credits": (
        r"(?: photo| (?:credit|by|courtesy))?\s?[:/|(].{0,300}"
    ),
    "we this our by": (
        r"(?: (?:site|website|using|continuing))?\b.{0,60}\bcookies?\b.{0,240}|"
        r" material may not be.{0,240}"
    ),
    "cookies": r" (?:help|are|allow)\b.{0,240}",
    "users": r" of this site agree.{0,240}",
    "already": r" a (?:member|subscriber).{0,240}",
    "read": r" the full story with.{0,240}",
    "to": r" (?:continue reading|contact the (?:reporter|reporters|editor|writer|author)).{0,240}",
    "you you've": (
        r" .{0,40}\b(?:articles?|stories|reads)\b.{0,20}\b(?:left|remaining|this (?:week|month))\b"
        r".{0,80}"
    ),
    "copyright c": r"\b.{0,240}",
    "the": r" following are comments.{0,240}| post .{0,160} (?:appeared first|first appeared) on .{0,80}",
}
"""Openings of notices and captions that are whole sentences."""

READER_WORDS = _words(
    "subscribed subscribing subscriber subscribers subscribe subscription subscriptions unsubscribe newsletter",
    "newsletters inbox email emails mailing click clicking submit submission submitted sign signing signed signup",
    "log login logged registration register registered password username site website cookies cookie privacy",
    "policy policies conditions copyright reserved trademark trademarks permission comment comments commenting",
    "reply replies moderated sharing bookmark rss feed feeds app browser javascript flash player blog linked",
    "affiliate commission disclosure disclaimer sponsored advertising advertisement advertisers ads feedback",
    "unlock publication publisher republished redistributed rewritten rating vote votes helpful useful",
    "notifications notified alerts browse abonnieren anmelden einwilligung datenschutz kommentare abonnez-vous",
    "abonnés inscrivez-vous suscríbete suscribirse comentarios boletín iscriviti commenti inscreva-se comentários",
    "nieuwsbrief aanmelden zapisz prenumerera nyhetsbrev yorumlar bülten abone подпишитесь рассылку комментарии",
)
MILD_READER_WORDS = _words(
    "you your you'll you're we our us read web page pages article articles story stories post posts published",
    "rate reader readers content follow share updated latest learn account access link links download rights",
    "purchase visit enter join search please thank thanks contact terms",
)
"""Words with which a page addresses its reader. The mild ones count half."""

AUTHOR_BOX = re.compile(
    r"(?:[^\W\d_a-z][\w.’'-]+ ){1,4}(?:\(@\w+\) )?(?:is|was|has|covers|writes|joined|works|lives|graduated|teaches)\b"
    r".{0,140}\b(?:writer|editor|reporter|journalist|author|correspondent|founder|contributor|columnist|blogger|"
    r"freelance|covers|covering|writes|writing|wrote|written|blog|passionate|enjoys|loves)\b|"
    r"(?:Hi|Hey|Hello)\b.{0,20}\bI(?:['’]m| am)\b"
)
"""A sentence that presents an author, as found at the end of pages."""

AUTHOR_WORDS = _words(
    "writer editor reporter journalist author correspondent founder contributor columnist blogger freelance covers",
    "covering writes writing wrote written blog passionate enjoys loves hi hey hello reached",
)
"""Words of lines that present an author or give a contact. Such a line has one of them or a sign."""

CONTACT = re.compile(r"\bcan be reached\b|\S@[^\s@]{1,80}\.\w")

CREDIT = re.compile(
    r"(?:[/|(—–-]|\.)\s?(?:photos?|images?|pictures?|file photo|foto|ap photo|getty images|afp|credit|caption)\b\s?"
    r"(?:[:/|]|by\b|courtesy).{0,60}\Z|"
    r"\((?:[^()]{0,30}\bphotos?\b|(?:[^()]{0,40}/)?(?:ap|afp|reuters|getty|epa|xinhua))\b[^()]{0,60}\)\Z|"
    r"/\s?(?:getty images|afp|reuters|ap photo|epa)\Z|"
    r"^\(?(?:photo|image|picture|foto)s? (?:by|courtesy|credit|von|de)\b.{0,80}\Z",
    re.IGNORECASE,
)
CREDIT_WORDS = _words(
    "photo photos image images picture pictures foto getty afp credit caption ap reuters epa xinhua",
)
"""Words of picture credits.

Credits are looked for in the last `CREDIT_CHARS` of a line that does not end a sentence.
"""

CREDIT_CHARS = 100

BYLINE = re.compile(
    r"(?i:(?:(?:written|posted|story|reported|text|words) )?by|(?:from )?our (?:special )?correspondent|author|von|"
    r"par|por|di|da|door|przez|yazan|автор|текст)\s?:?\s+"
    r"(?P<name>[^\W\d_a-zà-öø-ÿ][^|•·,;:()<>\d]{2,60}?)(?:\s*[|•·,;(].{0,80}|\s[—–/-]\s.{0,80}|\s(?:in|for|"
    r"on)\s.{0,80})?\Z"
)
BYLINE_WORDS = _words(
    "written posted story reported text words by from our author von par por di da door przez yazan автор текст",
)
"""Words of bylines such as `By Jane Doe, Staff writer`. The name begins with a capital, unlike a sentence with `By`."""

SOURCE_LINE = re.compile(
    r"(?:source|sources|quelle|fuente|fonte|źródło|kaynak|источник)\s?:\s?(?P<name>.{2,60})\Z", re.IGNORECASE
)

DATELINE = re.compile(
    r"(?P<place>[^\W\d_a-z][\w.’' -]{1,40}(?:, [^\W\d_a-z][\w.’' -]{1,30}){0,2})(?:,? [A-Z][a-z]{2,8}\.? \d{1,2})?\s?"
    r"\((?P<agency>[A-Z][\w .&/-]{1,30})\)\s?(?:[—–-]{1,2}|:)\s"
)
"""A dateline such as `SEOUL, South Korea (AP) —`. The agency in it is the source."""
