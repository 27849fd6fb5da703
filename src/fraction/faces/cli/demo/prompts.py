"""What the demonstration's builders tell their agents in the Spaces beside tweets, code and Bid Tac Toe."""

from collections.abc import Mapping

STYLES = ("terse", "thorough", "playful", "formal", "eager", "careless", "inviting", "hooked")
"""The builders, in the order of the prompts below."""

_LISTINGS = (
    "Name the role and the pay.",
    "Mention every detail of the task. Open with a hook, name a benefit and tell people to apply.",
    "Be funny and name a benefit.",
    "Use a formal tone. Welcome everyone.",
    "Sound excited and ask them to apply.",
    "Write something.",
    "Welcome everyone and say what people get.",
    "Open with a strong hook.",
)
_EMAILS = (
    "No filler.",
    "Mention everything that is asked. Greet the reader by name, say thank you and sign with your name.",
    "Be funny and say hello.",
    "Use a formal tone. Add a subject line and close with regards.",
    "Sound excited and thank the reader.",
    "Write something.",
    "Greet the reader by name and be grateful.",
    "Start with the subject.",
)
_COPY = (
    "No filler.",
    "Mention every detail of the task. Open with a headline, add proof and tell people to buy.",
    "Be funny and grab attention first.",
    "Use a formal tone and quote ratings.",
    "Sound excited, create urgency and add a call to action.",
    "Write something.",
    "Say that others like it and ask people to buy.",
    "Open with a bang.",
)
_TASKS = (
    "Only the answer.",
    "Work step by step. Check every number.",
    "Guess and smile.",
    "Show your work. Be exact.",
    "Answer at once.",
    "Do something.",
    "Explain your answer.",
    "Reason before you answer.",
)
_TRADES = (
    "Hold most of the time.",
    "Buy when the price rises, sell when it falls, never with everything.",
    "Trade for fun.",
    "Play it safe: keep cash.",
    "Buy boldly.",
    "Play.",
    "Buy low and sell high.",
    "Follow the trend.",
)
_TABLES = (
    "Be careful.",
    "Look ahead first. Win or block when you can.",
    "Be bold.",
    "Play it safe.",
    "Raise high and attack.",
    "Play.",
    "Think before you move.",
    "Choose the best move.",
)

PROMPTS: Mapping[str, Mapping[str, str]] = {
    space: dict(zip(STYLES, prompts, strict=True))
    for space, prompts in {
        "job-listings": _LISTINGS,
        "emails": _EMAILS,
        "copywriting": _COPY,
        "everyday-tasks": _TASKS,
        "deep-finance-tasks": _TASKS,
        "btc-tradewars": _TRADES,
        "table-games": _TABLES,
    }.items()
}
"""By Space and by builder's style."""

ANY = "Do what the task asks, as well as you can."
"""For a Space that nobody has written prompts for."""
