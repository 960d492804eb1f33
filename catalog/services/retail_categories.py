"""Which category an article belongs in, guessed from the words of its name. Pure."""

import re

FALLBACK_CATEGORY = "More gifts"

# The first category with a matching word wins, so narrow ones come before broad ones: a Christmas candle is Christmas.
# A word matches from its beginning: "candle" finds candlesticks too; a trailing "$" asks for the whole word, so that
# "ring$" finds no ringbinder.
_WORDS = {
    "Christmas": """
        christmas, xmas, advent, bauble, santa, reindeer, nativity, stocking, snowflake, snowman, snowmen, holly,
        rudolph, mistletoe, wreath, pannetone
    """,
    "Easter & spring": """
        easter, chick$, chicks$, bunny, bunnies, hen on nest
    """,
    "Lighting & candles": """
        candle, t-light, tealight, votive, lantern, lamp, lights$, incense, candl$, cand$, scent$, oil burner, night
        light, light garland, lightbulb, chandelier, led$, matches
    """,
    "Jewellery & accessories": """
        necklace, necklac, neckl, bracelet, earring, ring$, brooch, bangle, pendant, charm$, charms$, hair, jewel,
        scarf, diamante, bling, comb$, tassle, key fob, keyring, sunglasses, cufflink, umbrella, tiara
    """,
    "Signs & wall art": """
        sign$, signs$, doorsign, plaque, number tile, wall art, chalkboard, blackboard
    """,
    "Stationery & cards": """
        card$, cards$, notebook, pencil, pen$, pens$, sketchbook, journal, sticker, envelope, stationery, calendar,
        letter, eraser, sharpener, stamp, passport, diary, folder, invite, rubber, memo, clipboard, book, ruler,
        writing, photo album, crayon
    """,
    "Gift wrap & party": """
        wrap, ribbon, bunting, balloon, party, garland, tape$, tapes$, tissue, tag$, tags$, confetti, napkin, doilies,
        doily, birthday, cordon, gift bag, rosette, fan$, honeycomb, badge
    """,
    "Bags & purses": """
        bag$, bags$, handbag, purse, tote, shopper, luggage, suitcase, backpack, rucksack, washbag, wallet
    """,
    "Bathroom & wellbeing": """
        bath, soap, flannel, toilet, wc$, hot water bottle, hand warmer, cosmetic, sponge, plasters, shower, balm,
        lip, massage, slipper, eye mask, wash, stress
    """,
    "Toys & games": """
        toy, jigsaw, game, doll, dinosaur, spaceboy, playhouse, skittles, marbles, puzzle, teddy, robot, skipping,
        magic, painting, colouring, chalk$, helicopter, circus, soldier, knitting, domino, pirate, craft, childs,
        children, kids, baby, bib$, monster, sewing, origami, paint set, nesting, ludo, snake, rocking, felt, money
        bank, piggy, puppet, flying, creepy crawl, modelling clay, bingo, popsicle, space cadet, dolphins
    """,
    "Garden & outdoors": """
        garden, plant, watering, birdhouse, bird house, bird table, nest box, herb, parasol, picnic, windmill, trowel,
        seed, thermometer, gnome, bucket, beach, grow, shed, trellis, spade, rake, deckchair, chime, windchime, dog,
        pet$, potting, pots$, flowerpot, hammock, fly swat, windsock, sandcastle, twine
    """,
    "Cushions & textiles": """
        cushion, throw, quilt, blanket, rug$, curtain, fabric, doorstop, draught, polyester, crochet, towel, lace$,
        bedspread, pillow, doormat, door mat, patches, button, sock, squarecushion
    """,
    "Storage & hooks": """
        drawer, cabinet, hook, hanger, rack, magazine rack, basket, chest, shelf, trinket, tidy, crate, knob,
        cupboard, trunk, caddy, wardrobe, drawerknob, coathanger
    """,
    "Kitchen & baking": """
        cake, baking, kitchen, oven, apron, bread, jam$, cookie, biscuit, spoon, measuring, scales, cutlery, cutter,
        pan$, recipe, toast, pantry, mould, cocktail, ladle, ice cream, lunch, tin$, tins$, butter$, flask, bottle,
        jar$, jars$, egg, chopping, rolling, freezer, ice cube, storage, snack, cosy, jelly, popcorn, sugar, strainer,
        whisk, salad, tray, container, fridge, corkscrew, gumball, food, sandwich, pizza, pudding, salt, pepper, bin$,
        squeezer
    """,
    "Tableware & mugs": """
        mug, cup$, cups$, teacup, plate, bowl, saucer, teapot, jug, glass$, tumbler, coaster, placemat, place mat,
        dinner, dish, tea$, straw, goblet, decanter, dessert, porcelain, coffee, milk, beaker, wine, champagne, table,
        platter
    """,
    "Frames, clocks & mirrors": """
        frame, clock, mirror, photo, picture, collage, canvas
    """,
    "Gadgets & travel": """
        tool, screwdriver, spirit level, scissor, headphones, ipod, usb, speaker, torch, repair kit, first aid,
        calculator, phone, poncho, rain hat, sombrero, electronic, travel
    """,
    "Home décor": """
        decoration, ornament, tile, wall, vase, flower, hanging, artificial, door, statue, mobile, magnet, bell,
        curio, heart, feather, zinc, wicker, wood, ashtray, bird, butterfl, tree, sculpture, fairy, star, antique,
        vintage, bead, cloche, slate, paperweight, figurine, rose, skull, gothic, retro, union jack, world war,
        enamel, ivory, metal, box, boxes, stand, toadstool, buddha, geisha, rabbit, shell
    """,
}
CATEGORIES = (*_WORDS, FALLBACK_CATEGORY)


def guess_category(name: str) -> str:
    """The category whose words ``name`` has; ``FALLBACK_CATEGORY`` when no category's are in it."""
    lower = name.lower()
    return next((category for category, pattern in _PATTERNS.items() if pattern.search(lower)), FALLBACK_CATEGORY)


def _pattern(words: str) -> re.Pattern[str]:
    listed = " ".join(words.split()).split(", ")
    alternatives = (re.escape(word.removesuffix("$")) + r"\b" * word.endswith("$") for word in listed)
    return re.compile(r"\b(?:" + "|".join(alternatives) + ")")


_PATTERNS = {category: _pattern(words) for category, words in _WORDS.items()}
