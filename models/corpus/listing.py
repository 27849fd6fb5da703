"""Job listings: what they state, and what makes one worth an application."""

from fraction.spaces.sources.prose import LISTING
from models.corpus.prose import Feature, Form

FORM = Form(
    kind=LISTING,
    content="completeness",
    manner="appeal",
    weights={
        2: {"role": 6, "company": 3},
        3: {"role": 4, "company": 2, "pay": 3},
        5: {"role": 3, "company": 1, "city": 1, "pay": 2, "skill": 2},
    },
    facts={
        "role": ("We {look for|need|want} a {role}.", "{Wanted|Open position|New job}: {role}.", "Work as a {role}."),
        "company": ("You work {at|for} {company}.", "{company} is {growing|a good place}.", "Join {company}."),
        "city": ("The {office|job} is in {city}.", "You work in {city}."),
        "pay": ("The pay is {pay}.", "We pay {pay}.", "You earn {pay} a year."),
        "skill": ("You {know|bring} {skill}.", "We ask for {skill}.", "{skill} is {a must|needed}."),
    },
    features=(
        Feature(
            "hook",
            2,
            ("We are hiring!", "Your next job is here.", "Ready for a change?", "A new start awaits."),
            (
                "{Open|Start|Begin} with a {hook|strong hook}.",
                "{Grab|Catch} attention {first|at once}.",
                "{A hook|A catchy opening} comes first.",
            ),
        ),
        Feature(
            "benefit",
            3,
            (
                "You get thirty days off.",
                "We train you for free.",
                "We pay for your bus pass.",
                "You work four days a week.",
            ),
            (
                "{Name|Offer|List} {a benefit|benefits}.",
                "Say what {people|they|workers} get.",
                "{Show|Tell} why the job is good.",
            ),
        ),
        Feature(
            "call",
            3,
            ("Apply today.", "Send us your letter.", "Call us this week.", "Write to us now."),
            (
                "{Add|Include|Use} a call to action.",
                "{Ask|Tell|Urge} {people|them|readers} to apply.",
                "{End|Close|Finish} with {a call|a call to action}.",
                "{Applications|Letters} {must|should} be {asked for|invited}.",
            ),
        ),
        Feature(
            "welcome",
            1,
            ("Everyone is welcome.", "All ages can apply.", "We welcome every background."),
            ("{Welcome|Invite} everyone.", "Be {open|fair} to all.", "{Say that|Show} all are welcome."),
        ),
    ),
    order=("hook", "role", "company", "city", "pay", "skill", "benefit", "welcome", "call"),
    off_topic=("We {look for|need} {somebody|people}.", "There is {work|a job}.", "Work as {a helper|one of us}."),
)
"""Job listings."""
