"""What tweets can be about: fields of interest, each with its topics and the words that go with them.

The topics of one field are dealt to the splits in turn, so that every split meets every field and no two splits
share a topic. A field's words are shared: they are what a task may ask for, not what it is about.
"""

from dataclasses import dataclass

from fraction.spaces.task import Split


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing a tweet can be about."""

    name: str
    words: tuple[str, ...]
    """Words that go with it, such as `tripod` with photography."""


_FIELDS = (
    (
        "night photography, street portraits, film cameras, drone videos, wedding photos, pinhole cameras, "
        "bird photography, photo editing, selfie culture, time lapse movies, macro lenses, picture framing, "
        "family albums, black and white prints, underwater filming",
        "tripod, lens, light, shutter, frame, flash, focus, album",
    ),
    (
        "sourdough bread, street food, home baking, green tea, slow cooking, vegan burgers, coffee roasting, "
        "school lunches, spicy noodles, fermented vegetables, pasta making, cheese tasting, soup kitchens, "
        "apple pies, chocolate cake",
        "oven, flour, butter, recipe, spoon, kitchen, spice, plate",
    ),
    (
        "trail running, morning yoga, rock climbing, open water swimming, table tennis, city marathons, "
        "weight lifting, mountain biking, indoor rowing, figure skating, beach volleyball, martial arts, "
        "nordic walking, skateboard tricks, chair gymnastics",
        "shoes, coach, training, muscle, breath, helmet, water, warmup",
    ),
    (
        "balcony gardening, houseplants, urban beekeeping, compost heaps, rose pruning, herb gardens, "
        "bonsai trees, wild meadows, tomato growing, rain barrels, cactus collecting, tree planting, "
        "greenhouse farming, lawn care, mushroom growing",
        "soil, seeds, pot, shovel, leaf, sunlight, roots, bloom",
    ),
    (
        "remote work, job interviews, team meetings, freelance contracts, startup funding, time management, "
        "salary talks, office politics, project planning, public speaking, four day weeks, career changes, "
        "business travel, email overload, customer support",
        "calendar, boss, laptop, budget, desk, deadline, notes, team",
    ),
    (
        "open source software, password managers, home robots, electric cars, smart watches, solar panels, "
        "video games, chat bots, computer viruses, web design, data privacy, broken phones, wireless headphones, "
        "search engines, mechanical keyboards",
        "battery, screen, code, update, cable, button, server, signal",
    ),
    (
        "jazz piano, choir singing, vinyl records, guitar lessons, podcast editing, film music, street dance, "
        "drum circles, opera nights, karaoke bars, violin practice, summer festivals, songwriting, brass bands, "
        "music theory",
        "rhythm, stage, melody, speaker, ticket, chorus, string, concert",
    ),
    (
        "language learning, public libraries, science fairs, history podcasts, online courses, exam stress, "
        "reading clubs, chess openings, math puzzles, museum visits, study groups, poetry slams, spelling bees, "
        "school gardens, adult education",
        "book, teacher, question, pencil, chapter, lesson, memory, answer",
    ),
    (
        "night trains, city cycling, camping trips, budget travel, house swapping, desert hikes, river cruises, "
        "solo journeys, lost luggage, airport food, island ferries, winter cabins, road trips, map reading, "
        "travel insurance",
        "passport, backpack, map, window, tent, bridge, compass, station",
    ),
    (
        "dog training, rescue cats, horse riding, backyard chickens, aquarium fish, parrot talk, rabbit care, "
        "pet insurance, whale watching, bird feeders, insect hotels, zoo visits, sheep farming, wolf tracking, "
        "hedgehog rescue",
        "leash, treat, bowl, feather, fur, nest, paw, vet",
    ),
    (
        "sleep habits, dental care, healthy snacks, screen breaks, sun protection, flu season, mindful breathing, "
        "back pain, blood donation, hearing loss, first aid, cold showers, allergy tests, eye exercises, "
        "stress relief",
        "doctor, pillow, routine, sugar, glass, rest, habit, sleep",
    ),
    (
        "board games, knitting socks, pottery classes, model trains, wood carving, paper folding, stamp collecting, "
        "home brewing, candle making, magic tricks, comic drawing, sewing machines, quilt patterns, "
        "escape rooms, jigsaw puzzles",
        "dice, needle, thread, paint, glue, clay, brush, pattern",
    ),
    (
        "zero waste shops, river cleanups, bike repair, energy saving, repair cafes, clothing swaps, car sharing, "
        "plastic bottles, food waste, wind farms, ocean currents, local elections, neighborhood watch, "
        "charity runs, community radio",
        "bin, volunteer, neighbor, street, bottle, tool, meeting, change",
    ),
    (
        "star gazing, moon landings, meteor showers, weather balloons, volcano watching, fossil hunting, "
        "space telescopes, tidal pools, storm chasing, crystal growing, solar eclipses, cave exploring, "
        "ice fishing, northern lights, satellite images",
        "sky, planet, rock, telescope, cloud, orbit, storm, shadow",
    ),
)


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _split_of(position: int) -> Split:
    return {3: Split.SESSION, 4: Split.GATE}.get(position % 5, Split.CORPUS)


def topics_of(split: Split) -> tuple[Topic, ...]:
    """Return the topics of `split`; no two splits share one.

    >>> topics_of(Split.GATE)[0].name
    'wedding photos'
    """
    return tuple(
        Topic(name, tuple(_names(words)))
        for names, words in _FIELDS
        for position, name in enumerate(_names(names))
        if _split_of(position) is split
    )
