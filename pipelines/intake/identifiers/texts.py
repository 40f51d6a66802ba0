"""Kinds that one value gives away, whatever else its column holds.

Forms are from the public definitions named in kinds.py; each pattern may stand anywhere
in a text, between characters that do not go on with it.
"""

from pipelines.sql import quoted

STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|"
    "NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC"
)

STREET_WORDS = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|way|place|pl|crescent|"
    "cres|terrace|ter|boulevard|blvd|highway|hwy|parkway|pkwy|square|sq|gardens|gdns|"
    "grove|mews|hill|row|walk|trail|circle|cir|loop|turnpike|alley|quay"
)
"""USPS Publication 28, appendix C, and Royal Mail's thoroughfares, the frequent ones."""

OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
HEX = "[0-9a-f]{1,4}"

SPEAKING = (
    "i (?:am|was|have|had|feel|felt|think|want|need|told|do|don|can|cannot)|my|me|myself|"
    "she|he|her|his|him|hers|herself|himself|they|them|their|we|our|was|were|said|says|"
    "told|mum|mom|dad|boyfriend|girlfriend|pt|pts|ich|sie|ihr|ihre|mein|meine|seine|ella"
)
"""Words of sentences about somebody; labels of codes do without them."""

PATTERNS = {
    "e-mail": r"[^@\s]+@[^@\s]+\.\p{L}{2,}|[\w.]+ ?[\[(]at[\])] ?\w+|\w+ at \w+ dot \w+",
    "web address": r"(?i)\b(https?|ftps?)://\S|\bwww\.\w|(^|[^@a-z0-9.-])([a-z0-9-]+\.)+(com|org|net|edu|"
    r"gov|io|co\.uk|org\.uk|nhs\.uk|de|fr|es|it|nl)(/|$)",
    "IP address": rf"(?i)(^|[^\d.]){OCTET}(\.{OCTET}){{3}}($|[^\d.])"
    rf"|(^|[^0-9a-f:])(({HEX}:){{7}}{HEX}|({HEX}:){{1,6}}(:{HEX}){{1,6}}"
    rf"|({HEX}:){{1,7}}:|:(:{HEX}){{1,7}})($|[^0-9a-f:])",
    "social security number": r"(^|[^\d-])(\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4})($|[^\d-])",
    "phone": r"(^|[^\dA-Za-z.-])(\+\d{1,3}[ .-]?)?(\(\d{2,5}\)|\d{3,5})[ .-]{1,2}\d{3,4}"
    r"[ .-]?\d{3,4}($|[^\dA-Za-z-])"
    r"|(^|[^\dA-Za-z])\+\d[\d ().-]{6,18}\d"
    r"|(^|[^\dA-Za-z.-])0\d([ .-]\d{2}){4}($|[^\dA-Za-z-])"
    r"|(^|[^\dA-Za-z.-])00[1-9]\d?[ (]\(?\d[\d ().-]{5,14}\d($|[^\dA-Za-z-])"
    r"|(^|[^\dA-Za-z.-])0\d{2,4}[ /]\d{2,4}([ .-]?\d{2,4}){1,2}($|[^\dA-Za-z-])"
    r"|(^|[^\dA-Za-z.-])1[ .-]\d{3}[ .-]\d{3}[ .-]\d{4}($|[^\dA-Za-z-])"
    r"|(?i)\b(tel|phone|ph|mob|mobile|fax)[ .:]*\d{7,}",
    "UK postcode": r"(?i)(^|[^0-9a-z])[A-Z]{1,2}\d[A-Z\d]? {1,2}\d[A-Z]{2}($|[^0-9a-z])",
    "Canadian postcode": r"(?i)(^|[^0-9a-z])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]"
    r"\d[ABCEGHJ-NPRSTV-Z]\d($|[^0-9a-z])",
    "ZIP code": rf"(^|[^\d-])\d{{5}}-\d{{4}}($|[^\d-])|(^|[^A-Za-z])({STATES}),? \d{{5}}$"
    r"|(?i)\bzip:? ?\d{5}\b",
    "National Insurance number": r"(?i)(^|[^0-9a-z])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
    r"[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D]($|[^0-9a-z])",
    "health plan number": r"(?i)(^|[^0-9a-z])[1-9][A-HJKMNP-RT-Y][0-9A-HJKMNP-RT-Y]\d[ -]"
    r"[A-HJKMNP-RT-Y][0-9A-HJKMNP-RT-Y]\d[ -][A-HJKMNP-RT-Y]{2}\d{2}($|[^0-9a-z])",
    "record number": r"(?i)(^|[^0-9a-z])(mrn?|m\.r\.n\.|empi|hosp(ital)?|uhn|crn|urn|hn|"
    r"chart|acct|case)( ?(no|number|nr|num))?[ .:#_-]{0,3}\d{5,}",
    "vehicle or device": r"(?i)(^|[^0-9a-z:-])([0-9a-f]{2}[:-]){5}[0-9a-f]{2}"
    r"($|[^0-9a-z:-])",
    "address": rf"(?i)(^|[ ,])\d{{1,5}}[a-z]?,? ([\p{{L}}0-9.'’-]+ ){{1,4}}({STREET_WORDS})"
    r"\.?($|[ ,])"
    r"|(?i)\bp\.? ?o\.? box \d+|(?i)\b(apt|apartment|flat|suite)\.? #?\d+\b"
    r"|(?i)\p{L}{2,}(stra(ß|ss)e|str\.|weg|gasse|allee|platz|straat|laan|gatan|vej) \d"
    r"|(?i)\b\d{1,4},? (bis )?(rue|avenue|boulevard|place|chemin|allée|impasse|cours) \p{L}"
    r"|(?i)\b(calle|avenida|av\.|plaza|paseo|via|viale|piazza|rua|corso) [\p{L} ]+,? \d",
    "free text": rf"(?i)(^|\W)({SPEAKING})($|\W)",
}
"""A pattern for each kind; of `free text` it is one of two conditions."""

WORTH_LOOKING = (
    r"(?i)[@/ .:(+#]|\d-\d|[0-9a-z]{4}-[0-9a-z]{3}-[0-9a-z]{4}|[a-z]\d-\d|"
    r"^(mrn?|empi|hosp|hospital|uhn|crn|urn|hn|chart|acct|case)[_-]?\d|str\.|[ßé]"
)
"""A text without any of these has none of the forms above: one test in place of all."""

FEWEST_WORDS = 5
"""Words from which a sentence tells more than a code's label."""

MANY_WORDS = 8
"""Words of a phrase; a column of different ones is free text in any wording."""


def hits(text: str) -> dict[str, str]:
    """Return for each kind the SQL condition that a value has its form."""
    found = {
        kind: f"regexp_matches({text}, {quoted(pattern)})"
        for kind, pattern in PATTERNS.items()
    }
    found["free text"] = f"({has_words(text, FEWEST_WORDS)} and {found['free text']})"
    return found


def has_words(text: str, least: int) -> str:
    """Return the SQL condition that a value has at least so many words."""
    return f"regexp_matches({text}, '(\\S+\\s+){{{least - 1}}}\\S')"


def spaced_number(text: str) -> str:
    """Return SQL for ten digits written 3-3-4, without what stands between; null if none."""
    found = r"(?:^|[^\d-])(\d{3}[ -]\d{3}[ -]\d{4})(?:$|[^\d-])"
    return (
        f"try_cast(regexp_replace(regexp_extract({text}, {quoted(found)}, 1), "
        "'[ -]', '', 'g') as ubigint)"
    )
