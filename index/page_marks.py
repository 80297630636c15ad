"""Words by which the lines around a story give themselves away, in the languages of most pages.

Where not said otherwise a pattern is matched against one whole line without the signs around it, in any case.
"""

from __future__ import annotations

import re


def _lines(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(patterns)})\Z", re.IGNORECASE)


LIST_HEADING = _lines(
    r"(?:you (?:may|might) (?:also )?(?:like|be interested in|have missed)|more (?:from|on|in|about|like|stories|news|"
    r"top|headlines|sport)\b.{0,40})",
    r"(?:related|similar|recommended|recent|latest|popular|trending|top|other|further|more|featured|suggested|"
    r"previous|next|must)"
    r"(?: (?:\w+ )?(?:articles?|stories|story|posts?|news|reads?|reading|links?|content|topics?|items?|coverage|"
    r"headlines|products?|"
    r"videos?|searches|resources|tags?|for you|now|today|this week|guides?|blogs?))(?: .{0,30})?",
    r"(?:related|ranking|recommendations?|recommended|trending|explore|most (?:read|popular|viewed|commented|shared|"
    r"emailed|recent)|"
    r"popular|editor'?s'? (?:picks?|choice)|don'?t miss|in the news|what to read next|read (?:next|more|also|on)|"
    r"see also|also (?:read|in|on)|"
    r"also of interest|up next|keep reading|around the web|from (?:the|our) (?:web|partners|archives?)|"
    r"in case you missed it|elsewhere|"
    r"(?:tags?|topics?|categories|filed under|labels)(?:\s?:.{0,80})?|archives?|sponsored(?: (?:content|links))?|"
    r"promoted|links|references|footnotes)(?: .{0,25})?",
    r"(?:lesen sie auch|mehr zum thema|meistgelesen|das könnte sie auch interessieren|verwandte artikel|themen|"
    r"schlagworte)(?: .{0,25})?",
    r"(?:à lire aussi|lire aussi|sur le même sujet|articles récents|derniers articles|les plus lus|articles (?:liés|"
    r"similaires)|à (?:découvrir|"
    r"voir) aussi)(?: .{0,25})?",
    r"(?:lea también|lee también|te puede interesar|lo más (?:leído|visto)|noticias relacionadas|más (?:noticias|"
    r"leídas)|relacionad[oa]s)(?: .{0,25})?",
    r"(?:leggi anche|potrebbe interessarti|articoli correlati|i più letti|correlati)(?: .{0,25})?",
    r"(?:leia (?:também|mais)|veja também|mais lidas|notícias relacionadas|relacionad[oa]s)(?: .{0,25})?",
    r"(?:lees ook|meest gelezen|gerelateerd|zobacz (?:też|także)|czytaj (?:też|także)|najczęściej czytane|"
    r"polecamy)(?: .{0,25})?",
    r"(?:ilgili haberler|çok okunanlar|bunlar da ilginizi çekebilir|etiketler|читайте также|самое читаемое|по теме|"
    r"ещё по теме)(?: .{0,25})?",
    r"(?:les også|mest lest|läs (?:också|mer)|mest läst|læs også|mest læste|lue myös|luetuimmat)(?: .{0,25})?",
    r"(?:相关(?:新闻|阅读|文章)|推荐阅读|热门(?:新闻|文章)|関連(?:記事|ニュース)|人気記事)",
    r"(?:관련 ?(?:기사|뉴스)|많이 본 뉴스|اقرأ أيضا.?|الأكثر قراءة)",
)
"""Headings of lists of other stories; the lines that follow them belong to the list."""

COMMENTS = _lines(
    r"(?:\d+ |no |reader |user |view |show |add |post |leave |write |your |join the |all )*(?:an? )?(?:comments?|"
    r"responses?|replies|reply|discussion|"
    r"conversation|reviews?|views)(?: \(?\d+\)?| so far| yet| below| policy)?(?: on .{0,80})?|"
    r"comments are (?:now )?closed.{0,40}",
    r"(?:leave|post|write|submit|add) (?:a|your) (?:comment|reply|review)s?.{0,20}|join the (?:conversation|"
    r"discussion).{0,30}",
    r"(?:\d+ )?(?:kommentare?|commentaires?|comentarios?|comentários?|commenti|reacties|komentarze|yorumlar|"
    r"комментарии|评论|コメント|댓글)(?: \(?\d+\)?)?",
)
"""Headings of what readers wrote."""

MENU = _lines(
    r"(?:home(?:page)?|front page|main menu|menu|search|site search|log ?in|sign ?in|log ?out|sign ?up|register|"
    r"my account|subscribe|"
    r"subscriptions?|newsletters?|rss(?: feeds?)?|feedback|site ?map|help|faqs?|about(?: us)?|contact(?: us)?|careers|"
    r"advertise(?: with us)?|"
    r"advertis(?:ement|ing)|terms(?: (?:of|and|&) .{0,30})?|privacy(?: (?:policy|notice|statement|settings|&|"
    r"and) ?.{0,30})?|"
    r"cookies?(?: .{0,20})?|disclaimer|classifieds?|obituaries|horoscopes?|crosswords?|"
    r"weather|sports?|business|opinion|entertainment|lifestyle|politics|world|technology|travel|health|science|video|"
    r"photos|"
    r"facebook|twitter|instagram|linkedin|youtube|whatsapp|pinterest|reddit|digg|telegram|tumblr|google|share|print|"
    r"e-?mail|copy(?: link)?|"
    r"close|open|next|previous|back(?: to .{0,20})?|skip to .{0,25}|toggle .{0,20}|view all.{0,20}|see all.{0,20}|"
    r"load more|show more|read more)",
    r"(?:startseite|anmelden|impressum|datenschutz|accueil|connexion|mentions légales|inicio|portada|iniciar sesión|"
    r"aviso legal|"
    r"início|entrar|home page|accedi|inloggen|anasayfa|ana sayfa|giriş|главная|войти|首页|ホーム|홈)",
)
"""Entries of menus and share bars."""

FURNITURE = _lines(
    r".{0,60}(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|"
    r"tutti i diritti riservati|"
    r"todos os direitos reservados|все права защищены|tüm hakları saklıdır).{0,120}",
    r"(?:©|ⓒ|\(?c\)|copyright\b).{0,160}",
)
"""Footers. Two such lines, or entries of menus, show that a text is a whole page."""

NOISE = _lines(
    r"(?:advertisement|advertising|sponsored|ad|anzeige|publicité|publicidad|pubblicità|реклама)\b.{0,40}|(?:story|"
    r"article) continues.{0,40}|"
    r"continue reading.{0,40}|scroll (?:down )?.{0,30}|recommend (?:this|it).{0,30}",
    r"(?:share|tweet|print|e-?mail|save|bookmark|copy|pin it|like|listen|download|comment|follow)"
    r"(?: (?:this|the|us|to|on|with|it|via|link|article|story|page|by)\b.{0,50})?",
    r"(?:(?:share|tweet|print|e-?mail|facebook|twitter|linkedin|pinterest|reddit|whatsapp|telegram|messenger|"
    r"copy link|like|pin it|digg|x|"
    r"instagram|threads|bluesky|del(?:\.icio\.us)?|del|stumbleupon|google\+?|youtube|flipboard|line|wechat|skriv ut|"
    r"\d+)(?:[|,/·•:&\s-]+|\Z))+",
    r"(?:read|see|watch|listen|learn|find out|view|click|lees|lire|leer) (?:more|also|next|all|here|full|the full|"
    r"aussi|también)\b.{0,100}",
    r"(?:also read|related|related (?:article|story|reading)|see also|more|watch|video|don't miss|lire aussi|"
    r"lea también|lesen sie auch)"
    r"\s?[:|»>].{0,140}",
    r"(?:source|sources|quelle|fuente|fonte|źródło|kaynak|источник)\s?:\s?.{1,60}",
    r"\d+ (?:shares?|comments?|views?|likes?|min(?:ute)?s?(?: read)?)",
    r"(?:previous|next|older|newer)(?: (?:story|article|post|page))?\s?[:»>«<].{0,140}|[<>«»‹›←→]\s?(?:previous|next|"
    r"back).{0,140}",
    r"you(?:'ve|’ve| have) .{0,40}\b(?:articles?|stories|reads)\b.{0,20}\b(?:left|remaining|this (?:week|month))"
    r"\b.{0,80}",
    r"(?:page|seite) \d+(?: (?:of|von) \d+)?|\d+ of \d+",
)
"""Lines that are no part of a story, wherever they stand."""

NOTICE = _lines(
    r"(?:sign up|subscribe|register|log in|sign in|join|get|click|tap)\b.{0,40}\b"
    r"(?:newsletters?|alerts?|inbox|e-?mails?|here|now|free|briefing|app|headlines)\b.{0,160}",
    r"(?:photos?|pictures?|images?|file photo|foto|caption|credits?|(?:photo|image|picture) (?:credit|by|"
    r"courtesy))\s?[:/|(].{0,300}",
    r"(?:we|this (?:site|website)|our (?:site|website)|by (?:using|continuing))\b.{0,60}\bcookies?\b.{0,240}|"
    r"cookies (?:help|are|allow)\b.{0,240}",
    r"(?:this material may not be|users of this site agree|already a (?:member|subscriber)|read the full story with|"
    r"to continue reading).{0,240}",
    r"(?:©|ⓒ|\(c\)|copyright\b).{0,240}",
)
"""Notices and captions that are sentences; all are known by their first words."""

CREDIT = re.compile(
    r"(?:[/|(—–-]|\.)\s?(?:photos?|images?|pictures?|file photo|foto|ap photo|getty images|afp|credit|"
    r"caption)\b\s?(?:[:/|]|by\b|courtesy).{0,60}\Z|"
    r"\((?:[^()]{0,30}\bphotos?\b|ap|afp|reuters|getty|epa|xinhua)\b[^()]{0,60}\)\Z|/\s?(?:getty images|afp|reuters|"
    r"ap photo|epa)\Z|"
    r"^\(?(?:photo|image|picture|foto)s? (?:by|courtesy|credit|von|de)\b.{0,80}\Z",
    re.IGNORECASE,
)
"""The end of a caption: who took the picture. Looked for in the last `CREDIT_CHARS` of a line that ends no sentence."""

CREDIT_CHARS = 100

BYLINE = re.compile(
    r"(?i:(?:(?:written|posted|story|reported|text|words) )?by|(?:from )?our (?:special )?correspondent|author|von|"
    r"par|por|di|da|door|przez|yazan|автор|текст)\s?:?\s+"
    r"(?P<name>[^\W\d_a-zà-öø-ÿ][^|•·,;:()<>\d]{2,60}?)(?:\s*[|•·,;(].{0,80}|\s[—–/-]\s.{0,80}|\s(?:in|for|"
    r"on)\s.{0,80})?\Z"
)
"""`By Jane Doe, Staff writer`. A name begins with a capital, so that a sentence that begins with `By` does not pass."""

SOURCE_LINE = re.compile(
    r"(?:source|sources|quelle|fuente|fonte|źródło|kaynak|источник)\s?:\s?(?P<name>.{2,60})\Z", re.IGNORECASE
)

DATELINE = re.compile(
    r"(?P<place>[^\W\d_a-z][\w.’' -]{1,40}(?:, [^\W\d_a-z][\w.’' -]{1,30}){0,2})(?:,? [A-Z][a-z]{2,8}\.? \d{1,2})?\s?"
    r"\((?P<agency>[A-Z][\w .&/-]{1,30})\)\s?(?:[—–-]{1,2}|:)\s"
)
"""`SEOUL, South Korea (AP) —`: the agency in it is the source."""
