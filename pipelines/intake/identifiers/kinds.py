"""The kinds of identifier that the tripwire knows, and why each is one."""

from dataclasses import dataclass

SAFE_HARBOR = "45 CFR 164.514(b)(2)(i)"
"""The 18 identifiers of HIPAA's Safe Harbor, by letter."""

UK_GDPR = "UK GDPR art. 4(5); ICO guidance on pseudonymisation"


@dataclass(frozen=True)
class Kind:
    """One kind of identifier."""

    name: str
    why: str
    by_column_name: bool
    by_value: str
    """What in the values gives it away; empty if only the column's name does."""

    source: str
    """The rule that calls it an identifier, and who defines its form."""


KINDS = (
    Kind(
        "name",
        "Says who it is, of patients, relatives and clinicians alike.",
        True,
        "First and last name in either order and any case, with initials or a title; "
        "columns of first names or of surnames. One cell is enough where the name is "
        "in the lists.",
        f"{SAFE_HARBOR}(A); US Census Bureau 1990 name frequencies",
    ),
    Kind(
        "e-mail",
        "One person's address.",
        True,
        "One cell.",
        f"{SAFE_HARBOR}(F); RFC 5322",
    ),
    Kind(
        "phone",
        "Telephone and fax reach one household or person.",
        True,
        "One cell with separators or a country code; UK numbers also without. US "
        "numbers without separators: by the whole column.",
        f"{SAFE_HARBOR}(D), (E); NANPA numbering plan; Ofcom numbering plan; ITU-T E.164",
    ),
    Kind(
        "social security number",
        "US national number.",
        True,
        "One cell with dashes or spaces; without, a column in which no number breaks "
        "the rules for area, group and serial.",
        f"{SAFE_HARBOR}(G); SSA, Social Security Number randomization",
    ),
    Kind(
        "NHS number",
        "National number of patients in England and Wales.",
        True,
        "Ten digits with the check digit, spaced or not: the column has more of them "
        "than chance gives, or one stands among other values.",
        f"{UK_GDPR}; NHS Data Dictionary, NHS NUMBER",
    ),
    Kind(
        "CHI number",
        "National number of patients in Scotland; holds the birth date.",
        True,
        "Ten digits that begin with a day and have the check digit.",
        f"{UK_GDPR}; Public Health Scotland, CHI number",
    ),
    Kind(
        "National Insurance number",
        "UK tax and benefits number.",
        True,
        "One cell, spaced or not, any case.",
        f"{UK_GDPR}; HMRC manual NIM39110",
    ),
    Kind(
        "national id number",
        "National numbers of other countries.",
        True,
        "",
        "GDPR art. 87",
    ),
    Kind(
        "health plan number",
        "Number of an insured person; US Medicare by its form.",
        True,
        "One cell in the form of a Medicare number, dashes or not.",
        f"{SAFE_HARBOR}(I); CMS, Understanding the MBI",
    ),
    Kind(
        "record number",
        "Leads back to the chart in the hospital's own system.",
        True,
        "MRN and like prefixes; numbers of 8 or more digits that lie closer together "
        "than random ones would; one such number among words.",
        f"{SAFE_HARBOR}(H)",
    ),
    Kind(
        "account number",
        "Leads to a person through a bank.",
        True,
        "",
        f"{SAFE_HARBOR}(J)",
    ),
    Kind(
        "licence number",
        "Professional, driver's and passport numbers.",
        True,
        "",
        f"{SAFE_HARBOR}(K)",
    ),
    Kind(
        "NPI",
        "US number of one clinician.",
        True,
        "A column of ten digits that begin with 1 or 2 and have the check digit.",
        f"{SAFE_HARBOR}(K); CMS, NPI check digit (Luhn over 80840)",
    ),
    Kind(
        "birth date",
        "With sex and place it singles out most people; the year alone may be sent.",
        True,
        "A column of dates that span decades and lie mostly 18 years back, in ISO and "
        "other forms; one such date among other values.",
        f"{SAFE_HARBOR}(C)",
    ),
    Kind(
        "age over 89",
        "Few people are as old; 90+ may be sent.",
        True,
        "A column named after age with 90 or more in a cell, or a band from 90 up to "
        "a limit.",
        f"{SAFE_HARBOR}(C)",
    ),
    Kind(
        "ZIP code",
        "Five digits are a smaller place than the contract's regions.",
        True,
        "ZIP+4 or state and ZIP in one cell; five digits in a column named after a "
        "place, or among words.",
        f"{SAFE_HARBOR}(B); USPS Publication 28",
    ),
    Kind(
        "UK postcode",
        "About 15 households; a district is still a small town.",
        True,
        "One full postcode in a cell, spaced or not, any case; columns of postcode "
        "districts.",
        f"{UK_GDPR}; Royal Mail PAF guide, postcode format",
    ),
    Kind(
        "Canadian postcode",
        "A side of a street.",
        True,
        "One cell, spaced or not.",
        f"{SAFE_HARBOR}(B); Canada Post addressing guidelines",
    ),
    Kind(
        "postcode",
        "A smaller place than the contract's regions.",
        True,
        "",
        f"{SAFE_HARBOR}(B)",
    ),
    Kind(
        "address",
        "Where somebody lives; coordinates too.",
        True,
        "Number and street in one cell; post office boxes.",
        f"{SAFE_HARBOR}(B); USPS Publication 28",
    ),
    Kind(
        "IP address",
        "Leads to a household's connection.",
        True,
        "Versions 4 and 6 in one cell.",
        f"{SAFE_HARBOR}(O); RFC 791, RFC 4291",
    ),
    Kind(
        "web address",
        "Leads to a person's page or record.",
        True,
        "One cell.",
        f"{SAFE_HARBOR}(N); RFC 3986",
    ),
    Kind(
        "vehicle or device",
        "Plates and serial numbers belong to one owner.",
        True,
        "A network card's address in one cell.",
        f"{SAFE_HARBOR}(L), (M); IEEE 802",
    ),
    Kind(
        "biometric or photo",
        "Finger, voice, face.",
        True,
        "",
        f"{SAFE_HARBOR}(P), (Q)",
    ),
    Kind(
        "free text",
        "Somebody's words: they name people, places and days.",
        True,
        "More than 64 characters in one cell; five words or more that speak of "
        "somebody; a column of long phrases that hardly repeat.",
        f"{SAFE_HARBOR}(R); 45 CFR 164.501 (psychotherapy notes)",
    ),
)
"""Every kind; what none of them describes is not looked for."""
