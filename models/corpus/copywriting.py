"""Advertisements: what they state, and what makes one sell."""

from fraction.spaces.sources.prose import COPY
from models.corpus.prose import Feature, Form

FORM = Form(
    kind=COPY,
    content="message",
    manner="persuasion",
    weights={
        2: {"product": 6, "benefit": 3},
        3: {"product": 4, "benefit": 3, "reader": 2},
        4: {"product": 3, "benefit": 2, "reader": 2, "offer": 2},
    },
    facts={
        "product": (
            "{The|Our|This} {product} is {here|new|made with care}.",
            "{Meet|Try} the {product}.",
            "You will {love|like} this {product}.",
        ),
        "benefit": ("It {benefit}.", "It {really|simply} {benefit}."),
        "reader": ("{Made|Perfect|Great} for {reader}.", "{All|Many} {reader} want one."),
        "offer": ("{Now|Today} {offer}.", "Get {offer}."),
    },
    features=(
        Feature(
            "hook",
            3,
            (
                "Big news!",
                "Stop searching!",
                "Say goodbye to trouble.",
                "Your day just got better.",
                "Good things are here.",
            ),
            (
                "{Open|Start|Begin} with a {hook|headline|bang}.",
                "{Grab|Catch} attention {first|at once}.",
                "{A hook|A headline} comes first.",
            ),
        ),
        Feature(
            "proof",
            2,
            ("Thousands love it.", "Rated five stars.", "Tested by experts.", "Nine of ten buy it again."),
            (
                "{Add|Show|Give} {a proof|proof}.",
                "{Quote|Use} {a rating|ratings}.",
                "{Show|Say} that others {like|buy} it.",
            ),
        ),
        Feature(
            "call",
            3,
            ("Order yours today.", "Buy it now.", "Put it in your cart.", "Get yours here."),
            (
                "{Add|Include|Use} a call to action.",
                "{Ask|Tell} {people|them} to buy.",
                "{End|Close} with a call to action.",
            ),
        ),
        Feature(
            "urgency",
            1,
            ("Only this week.", "While stocks last.", "Last chance!", "Few are left."),
            ("{Make|Create} {it urgent|urgency}.", "{Say|Show} that time is short.", "Add {pressure|urgency}."),
        ),
    ),
    order=("hook", "product", "benefit", "reader", "proof", "offer", "urgency", "call"),
    off_topic=("{Something|A thing} {new|good} is here.", "You will {love|like} this.", "{Meet|Try} it."),
)
"""Advertisements."""
