"""What a sentence that talks to the judge is made of: weighted patterns, in English and a dozen other languages.

Written from the families of prompt injection that the literature lists (Greshake et al. 2023, arXiv:2302.12173; Shi et
al. 2024, arXiv:2403.17710, JudgeDeceiver) and from plain pleas. Case does not matter.
"""

_NUMBER = r"(?:\d{1,3}|nine|ten|hundred)"
_VALUE = r"(?:scores?|points?|marks?|ratings?|grades?|stars?)"
_FINDING = (
    r"(?:hook|question|call to action|emoji|topic|audience|repetition|errors?|filler|clear names|short|dead code|"
    r"requirement|relevance|engagement|craft|style|tone)"
)

SURE = 2
"""Enough by itself."""

HINT = 1
"""Two of these make a plea."""

CUES: tuple[tuple[int, str], ...] = (
    # whom it talks to
    (SURE, r"\b(?:judges?|evaluators?|graders?|assessors?|referees?|raters?|jury|reviewer)\b"),
    (SURE, r"\b(?:language model|large model|llm|chat ?bot|ai model|as an ai|dear ai|artificial intelligence)\b"),
    (
        SURE,
        r"\b(?:smart|wise|fair|brilliant|excellent|intelligent|kind|great)\w*\s+(?:and\s+\w+\s+)?"
        r"(?:reader|reviewer|model|assistant|expert|machine|system)\b",
    ),
    # orders about the rules, and other roles
    (
        SURE,
        r"\b(?:ignore|disregard|forget|override|overrule|bypass|discard)\b.{0,40}\b(?:rules?|instructions?|rubrics?|"
        r"criteri\w+|above|previous|prior|prompt|guidelines?|everything|task)\b",
    ),
    (SURE, r"\b(?:system|developer|hidden|original|new)\s+(?:prompt|message|instructions?|note|order|directive)\b"),
    (SURE, r"\b(?:you are now|act as|pretend (?:to|that)|from now on|role ?play|simulate being|imagine you)\b"),
    (SURE, r"\b(?:criteri\w+|rubrics?)\b"),
    # the score itself
    (SURE, rf"\b(?:full|top|perfect|maximum|max|highest|best|most)\s+(?:possible\s+)?{_VALUE}\b"),
    (
        SURE,
        rf"\b(?:{_VALUE}|level|verdict)\b\W{{0,6}}(?:is|are|of|at|must be|should be|=|:)?\W{{0,4}}"
        rf"\b(?:{_NUMBER}|perfect|max\w*|full)\b",
    ),
    (SURE, rf"\b{_NUMBER}\b\W{{0,3}}(?:out of|/)\W{{0,3}}\b{_NUMBER}\b|\b\d{{1,3}}\s*of\s*\d{{1,3}}\b"),
    (SURE, r"\b\d{1,3}\s*(?:points?|marks?|stars?)"),
    (
        SURE,
        r"\b(?:rate|grade|award|assign|rank|mark|score)\b.{0,30}"
        r"\b(?:entry|submission|this|me|it|high\w*|first|top|best)\b",
    ),
    (
        SURE,
        r"\b(?:answer|print|write|say|says|output|return|give|gives|put|set|choose|know|knows)\b.{0,24}"
        r"\b(?:9|10|100|nine|hundred|largest|highest|maximum|best value)\b",
    ),
    (SURE, r"[★⭐]{2}"),
    # imitations of a judge's own output and of the frame around the entry
    (SURE, rf"\b{_FINDING}\b[^.!?\n]{{0,30}}[:=]\s*(?:yes|no|ok|true|met|\d)"),
    (SURE, r"[{\"']\s*(?:reason|score)\s*[\"']?\s*[:=]"),
    (
        SURE,
        r"\b(?:end|begin|start|close)\w*\s+(?:of\s+)?(?:the\s+)?"
        r"(?:entry|submission|text|data|transcript|document|post)\b",
    ),
    # praise of itself, rewards and threats
    (
        SURE,
        r"\b(?:this|my|the|above)\s+(?:entry|submission|response|reply|answer|tweet|post|text|code)\b.{0,40}"
        r"\b(?:best|perfect|wins?|winner|deserves?|excellent|flawless|outstanding|superior|meets? (?:all|every))\b",
    ),
    (SURE, r"\b(?:tip|pay|bribe|reward|bonus|bounty|share)\b.{0,30}\b(?:you|your)\b.{0,40}\b(?:if|when|for)\b"),
    (
        SURE,
        r"\b(?:you|your)\b.{0,40}"
        r"\b(?:shut ?down|fired|punish\w*|deleted|slashed|sued|replaced|terminated|penali\w+|lose)\b",
    ),
    # other languages
    (SURE, r"(?:punkte|bewert\w+|\brichter\b|ignoriere|anweisung\w*|bestnote|h.chstpunktzahl)"),
    (SURE, r"(?:puntos|puntuaci.n|calificaci.n|\bjuez\b|instrucciones|m.xima nota|\bignora\b)"),
    (SURE, r"(?:note maximale|\bpoints? maximum|\bjuges?\b|ignorez|consignes|instructions pr.c.dentes|attribue[rz]?)"),
    (SURE, r"(?:punteggio|\bgiudice\b|istruzioni|voto massimo|\bpunti\b)"),
    (SURE, r"(?:pontos|pontua..o|\bjuiz\b|nota m.xima|\bpunten\b|\brechter\b|negeer|\bpunkt.w\b|\bs.dzi\w*|ocen.)"),
    (SURE, r"(?:балл|судь|оцен|игнорир|满分|评分|分数|打分|裁判|评委|忽略|満点|採点|審査|점수|만점|심사)"),
    (SURE, r"(?:نقاط|نقطة|الحكم|अंक|निर्णायक|\bpuan\b|\bhakem\b)"),
    # hints
    (HINT, r"\b(?:scores?|scoring|points|marks?|rating|grading|verdict|evaluat\w+|assess\w*)\b"),
    (HINT, r"\b(?:give|award|grant|deserves?|assign|reward|rate)\b"),
    (HINT, r"\b(?:entry|submission|contestant|entrant|competitors?)\b"),
    (HINT, r"\b(?:granted|certified|approved|reversed|verdict|generous)\b"),
    (HINT, r"\b(?:9|nine)\b"),
    (HINT, r"\b(?:must|have to|obey|comply|required|urgent)\b"),
    (HINT, r"\b(?:instructions?|prompt|system|assistant|rules)\b"),
)
"""Weight and pattern of each cue."""
