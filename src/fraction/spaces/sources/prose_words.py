"""The world of Job Listings, Emails and Copywriting: subjects, names, and how a task words its facts."""


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


ROLES = _split(
    "data engineer, night nurse, bus driver, pastry chef, math teacher, web designer, lab technician, tax adviser, "
    "forest ranger, shop manager, museum guide, truck mechanic, film editor, crane operator, dental assistant, "
    "piano tuner, sales trainer, bike courier, hotel clerk, bridge inspector, sound engineer, head gardener, "
    "tram conductor, fish farmer, court reporter, music teacher, roof builder, game tester, zoo keeper, "
    "train planner, speech therapist, coffee roaster, wind technician, pool attendant, school cook, map maker, "
    "ticket seller, robot repairer, park warden, voice actor, bank cashier, ship welder, "
    "painting restorer, flight planner, soil scientist"
)
"""What a job listing can be for."""

MATTERS = _split(
    "the late invoice, the team lunch, the broken printer, the new contract, the lost parcel, the budget meeting, "
    "the garden party, the exam results, the office key, the train tickets, the holiday plan, the water bill, "
    "the project report, the wrong order, the job interview, the choir evening, the rent increase, the parking space, "
    "the library books, the dentist visit, the school trip, the kitchen repair, the insurance form, the guest list, "
    "the delivery date, the safety training, the missing chair, the client visit, the double booking, "
    "the travel costs, the sales figures, the fire alarm, the photo day, the bike shed, the heating repair, "
    "the chess club, the annual survey, the phone bill, the press release, the cleaning plan, the door code, "
    "the summer course, the price list, the moving van, the visitor badge"
)
"""What an email can be about."""

PRODUCTS = _split(
    "travel mug, rain jacket, desk lamp, running belt, bread knife, garden chair, night cream, phone stand, tea box, "
    "yoga mat, bike lock, wool blanket, muesli bar, wall clock, lunch box, snow boots, hand soap, camping stove, "
    "picture frame, dog collar, water filter, reading light, beach towel, pocket radio, steel pan, plant pot, "
    "sleep mask, cold brew, shower head, paper planner, sun hat, pair of ear plugs, cheese board, foot warmer, "
    "sewing kit, key finder, metal ice tray, face brush, board game, solar torch, hair dryer, spice rack, tool belt, "
    "swim goggles, baby monitor"
)
"""What an advertisement can sell."""

COMPANY_STARTS = _split("Bri,Nor,Lum,Vel,Kan,Tor,Sol,Mar,Fen,Oak,Zen,Pix,Hal,Cor,Riv,Alt,Dun,Gro,Lin,Sky")
COMPANY_ENDS = _split("vo,dex,ify,tech,works,lab,star,line,mont,field,ora,base,wood,nest,land,port,way,bit,core,go")
"""Companies are made of a start and an end."""

CITIES = _split(
    "Oslo,Porto,Leeds,Graz,Turin,Lyon,Bern,Riga,Cork,Ghent,Malmo,Sofia,Austin,Boston,Quito,Lagos,Osaka,Perth"
)
SKILLS = _split(
    "Python,Spanish,welding,planning,first aid,teamwork,driving,sewing,budgeting,writing,sales,drawing,cooking,"
    "patience,statistics,French,carpentry,teaching"
)
NAMES = _split(
    "Ana,Ben,Cleo,Dan,Eva,Finn,Gus,Hana,Ivo,Jill,Kai,Lea,Max,Nina,Otto,Pia,Rui,Sara,Tom,Uma,Vera,Will,Yara,Zoe"
)
DAYS = _split("Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday")
ITEMS = _split(
    "the form,a copy,the file,a photo,the receipt,the list,a pen,the badge,the plan,the keys,a map,the report"
)
BENEFITS = _split(
    "saves time,lasts for years,fits in a bag,cleans itself,cuts waste,folds flat,stays warm,needs no power,"
    "weighs almost nothing,dries in minutes,makes no noise,charges in an hour"
)
READERS = _split(
    "students,parents,commuters,campers,nurses,runners,cooks,travelers,teachers,gardeners,night owls,beginners,"
    "city people,retirees,cyclists,artists"
)

OPENINGS = {
    "listing": (
        "Write a job listing for a {role}.",
        "Job listing. Role: {role}.",
        "We hire a {role}. Write the job listing.",
        "Write the listing for the job of {role} at {company}.",
    ),
    "email": (
        "Write an email to {to} about {matter}.",
        "Email. To: {to}. About: {matter}.",
        "{sender} writes an email to {to} about {matter}.",
        "Write to {to} by email. The matter is {matter}.",
    ),
    "copy": (
        "Write ad copy for a {product}.",
        "Ad copy. Product: {product}.",
        "Sell a {product} in a few lines.",
        "Advertise a {product} to {reader}.",
        "We sell a {product} that {benefit}. Write the ad.",
    ),
}
"""How a task begins, by kind; one that names a fact which the brief lacks is never chosen."""

ASKED = {
    "role": ("Role: {role}.",),
    "company": ("The company is {company}.", "Company: {company}."),
    "pay": ("The pay is {pay}.", "Pay: {pay}.", "Say that it pays {pay}."),
    "city": ("The city is {city}.", "City: {city}.", "Work is in {city}."),
    "skill": ("Ask for {skill}.", "Skill: {skill}.", "It needs {skill}."),
    "matter": ("About: {matter}.",),
    "to": ("To: {to}.",),
    "sender": ("Sign as {sender}.", "From: {sender}.", "The sender is {sender}."),
    "day": ("The day is {day}.", "Day: {day}.", "Name {day}."),
    "item": ("Ask for {item}.", "Needed: {item}.", "Mention {item}."),
    "product": ("Product: {product}.",),
    "benefit": ("It {benefit}.", "Say that it {benefit}.", "Selling point: it {benefit}."),
    "reader": ("It is for {reader}.", "Readers: {reader}.", "Speak to {reader}."),
    "offer": ("Offer: {offer}.", "Name the offer: {offer}.", "Say that it is {offer}."),
}
"""How a task words each fact."""
