"""Emails: what they state, and what makes one polite."""

from fraction.spaces.sources.prose import EMAIL
from models.corpus.prose import Feature, Form

FORM = Form(
    kind=EMAIL,
    content="purpose",
    manner="courtesy",
    weights={
        3: {"matter": 5, "to": 2, "sender": 2},
        4: {"matter": 4, "to": 1, "day": 2, "sender": 2},
        5: {"matter": 3, "to": 1, "day": 2, "item": 2, "sender": 1},
    },
    facts={
        "to": ("{to}, {a short note|a word}.", "This is for {to}."),
        "sender": ("{sender} here.", "This is {sender}."),
        "matter": (
            "I {write|ask} about {matter}.",
            "It is about {matter}.",
            "We need to {settle|talk about} {matter}.",
        ),
        "day": ("{Please answer|Let us talk|It is due} by {day}.", "{day} {suits me|would be good}."),
        "item": ("{Please send|I need|Bring} {item}.", "I am missing {item}."),
    },
    features=(
        Feature(
            "subject",
            1,
            ("Subject: {matter}", "Subject: about {matter}"),
            (
                "{Put|Write|Add} a subject line.",
                "{Start|Begin} with the subject.",
                "A subject line {comes first|is a must}.",
            ),
        ),
        Feature(
            "greeting",
            3,
            ("Dear {to},", "Hello {to},", "Good morning {to},"),
            (
                "{Greet|Address} the reader by name.",
                "{Always|Please} {greet|say hello}.",
                "{Use|Add|Write|Include} a greeting.",
                "A greeting {comes first|is a must|opens the email|is needed|is polite}.",
                "{Begin|Open|Start} with a greeting.",
            ),
        ),
        Feature(
            "thanks",
            2,
            ("Thank you for your help.", "Many thanks in advance.", "Thank you for your time.", "I am grateful."),
            (
                "{Say|Add} thank you.",
                "{Thank|Be grateful to} the reader.",
                "{Show|Express|Add|Include} {thanks|your thanks}.",
                "{A word of|Some} thanks {is a must|is welcome|helps}.",
            ),
        ),
        Feature(
            "closing",
            3,
            ("Best regards,\n{sender}", "Kind regards,\n{sender}", "Yours,\n{sender}"),
            ("{Sign|Close|End} with {your|the} name.", "{Use|Add} a {closing|sign off}.", "{Finish|End} with regards."),
        ),
    ),
    order=("subject", "greeting", "to", "sender", "matter", "day", "item", "thanks", "closing"),
    off_topic=("I {write|ask} about {something|a thing}.", "It is about {it|that}.", "How {is life|are things}?"),
    breaks=("Subject:", "Dear", "Hello", "Good morning", "Best regards", "Kind regards", "Yours"),
)
"""Emails."""
