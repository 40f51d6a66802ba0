"""Columns that a de-identified delivery may hold, and that must not be refused."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random

from pipelines.simulate.tripwire.numbers import digits

Make = Callable[[Random], str]

LATEST = date(2026, 6, 30)
"""The newest day in a clean column; the deliveries are of that year."""

HEX, LOWER, UPPER = "0123456789abcdef", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE32 = UPPER + "234567"
URL_SAFE = UPPER + LOWER + "0123456789-_"

WORDS = {
    "region": ["north", "midlands", "east", "london", "south_east", "south_west"],
    "nhs_region": ["North East and Yorkshire", "North West", "Midlands", "East of England", "London", "South East", "South West"],
    "state": ["Alabama", "Alaska", "Arizona", "California", "Colorado", "Florida", "Georgia", "Illinois", "Iowa", "Kansas", "Maine", "Maryland", "Michigan", "Montana", "Nevada", "New York", "North Carolina", "Ohio", "Oregon", "South Dakota", "Tennessee", "Texas", "Utah", "Virginia", "Washington", "West Virginia", "Wyoming"],
    "state_code": ["AL", "AK", "AZ", "CA", "CO", "CT", "FL", "GA", "ID", "IL", "IN", "LA", "MA", "MD", "ME", "MI", "MO", "NC", "NY", "OH", "OR", "PA", "TX", "VA", "WA"],
    "ethnicity": ["White", "Asian", "Black", "Mixed", "Other", "Not stated"],
    "ethnic_group": ["White: English, Welsh, Scottish, Northern Irish or British", "White: Irish", "White: Gypsy or Irish Traveller", "White: Roma", "Any other White background", "White and Black Caribbean", "White and Black African", "White and Asian", "Indian", "Pakistani", "Bangladeshi", "Chinese", "Any other Asian background", "Caribbean", "African", "Any other Black background", "Arab", "Any other ethnic group", "Prefer not to say"],
    "race": ["White", "Black or African American", "American Indian or Alaska Native", "Asian", "Native Hawaiian or Other Pacific Islander", "Hispanic or Latino", "Declined", "Unknown"],
    "payer": ["Public", "Insurer", "Employer", "Self pay", "Medicare", "Medicaid", "Commercial", "Tricare", "Blue Cross Blue Shield", "Kaiser Permanente", "United Healthcare", "Aetna", "Cigna", "Humana"],
    "modality": ["cognitive", "behavioural", "cbt", "computerised_cbt", "interpersonal", "psychodynamic", "supportive", "usual_care", "other"],
    "therapy_label": ["Cognitive Behavioural Therapy", "Guided Self Help", "Counselling for Depression", "Interpersonal Psychotherapy", "Behavioural Activation", "Couples Therapy", "Mindfulness Based Cognitive Therapy", "Brief Psychodynamic Therapy"],
    "diagnosis_label": ["Major depressive disorder", "Recurrent depressive disorder, moderate", "Generalised Anxiety Disorder", "Panic Disorder", "Social Phobia", "Post Traumatic Stress Disorder", "Mixed Anxiety and Depression", "Obsessive Compulsive Disorder", "Dysthymia"],
    "ingredient": ["sertraline", "citalopram", "escitalopram", "fluoxetine", "paroxetine", "venlafaxine", "duloxetine", "mirtazapine", "bupropion", "amitriptyline", "nortriptyline", "trazodone", "vortioxetine", "lofepramine", "agomelatine", "moclobemide", "lithium", "quetiapine", "aripiprazole"],
    "brand": ["Zoloft", "Prozac", "Cipramil", "Cipralex", "Seroxat", "Efexor XL", "Cymbalta", "Zispin SolTab", "Wellbutrin SR", "Brintellix", "Valdoxan", "Molipaxin"],
    "language": ["English", "French", "German", "Polish", "Urdu", "Punjabi", "Bengali", "Somali", "Arabic", "Spanish", "Portuguese", "Romanian", "Turkish", "Welsh"],
    "religion": ["Christian", "Muslim", "Hindu", "Sikh", "Jewish", "Buddhist", "None", "Not stated", "Other"],
    "marital_status": ["single", "married", "divorced", "widowed", "separated", "civil_partnership"],
    "employment": ["Employed", "Unemployed", "Student", "Retired", "Long term sick", "Homemaker", "Carer"],
    "end_reason": ["completed", "dropped_out", "declined", "transferred", "died", "ongoing"],
    "credential": ["psychiatrist", "psychologist_phd", "psychologist_psyd", "clinical_social_worker", "nurse_practitioner", "counselor", "other"],
    "attendance": ["attended", "did_not_attend", "cancelled_late_by_patient", "cancelled_by_patient", "cancelled_by_service"],
    "instrument": ["phq9", "phq8", "gad7", "bdi2", "qids", "wsas", "isi", "swls", "core10"],
    "sex": ["female", "male", "other", "unknown"],
    "gender": ["F", "M", "X", "U"],
    "pronouns": ["she/her", "he/him", "they/them", "not stated"],
    "referrer": ["GP", "Self", "Hospital", "Midwife", "Employer", "School", "Community team", "Voluntary sector"],
    "month": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    "weekday": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "grade": ["Band 5", "Band 6", "Band 7", "Band 8a", "Trainee", "Senior"],
    "country": ["United Kingdom", "Ireland", "France", "Germany", "Poland", "India", "Pakistan", "Nigeria", "Jordan", "Chad", "Israel", "Jamaica", "Cuba", "Kenya", "China", "Sri Lanka", "New Zealand", "South Africa"],
    "season": ["winter", "spring", "summer", "autumn"],
    "arm": ["Arm A", "Arm B", "Control"],
    "yes_no": ["Yes", "No", "Not known"],
    "boolean": ["true", "false"],
    "age_band": ["18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-84", "85-89", "90+"],
    "ons_region": [f"E1200000{n}" for n in range(1, 10)],
    "deprivation": ["1 - most deprived", "2", "3", "4", "5 - least deprived"],
    "dose_text": ["50 mg", "100 mg", "20mg", "1.5 mg/day", "10 mg twice daily", "75mg XL"],
    "delivery_mode": ["in_person", "video", "phone", "online"],
    "version": ["1.0", "1.1", "2.0.1", "10.2", "3.4.12"],
}
"""Lists of words that services use, by the column that holds them."""

PLACES = ["North", "Riverside", "Oakwood", "Lincoln", "Chelsea", "Bradford", "Preston", "Maple", "Elm", "Kingston", "Victoria", "Camden", "Jackson", "Madison", "Harrow", "Sutton", "Highbury", "Ashfield", "Greenhill", "Westgate", "Queens"]
ORGANISATIONS = ["Clinic", "Health Centre", "Hospital", "Talking Therapies", "Community Mental Health Team", "House", "Wellbeing Service", "Medical Center", "Surgery", "Primary Care Network", "Counselling Service"]


def _text(rng: Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _day(rng: Random) -> date:
    return LATEST - timedelta(days=rng.randrange(0, 4 * 365))


def _instant(rng: Random) -> datetime:
    start = datetime(2022, 7, 1, tzinfo=UTC)
    return start + timedelta(seconds=rng.randrange(0, 4 * 365 * 86400))


def _snomed(rng: Random) -> str:
    """SCTID: item digits, partition 00, a check digit."""
    return digits(rng, rng.choice((5, 6, 6, 7)), "123456789") + "00" + digits(rng, 1)


PSEUDONYMS: dict[str, Make] = {
    "uuid": lambda r: str(uuid.UUID(int=r.getrandbits(128), version=4)),
    "uuid_upper": lambda r: str(uuid.UUID(int=r.getrandbits(128), version=4)).upper(),
    "hex_12": lambda r: _text(r, HEX, 12),
    "hex_16": lambda r: _text(r, HEX, 16),
    "hex_32": lambda r: _text(r, HEX, 32),
    "hex_64": lambda r: _text(r, HEX, 64),
    "letter_and_hex": lambda r: "p" + _text(r, HEX, 16),
    "base32_8": lambda r: _text(r, BASE32, 8),
    "base32_9": lambda r: _text(r, BASE32, 9),
    "base32_11": lambda r: _text(r, BASE32, 11),
    "base32_16": lambda r: _text(r, BASE32, 16),
    "base32_26": lambda r: _text(r, BASE32, 26),
    "url_safe_10": lambda r: _text(r, URL_SAFE, 10),
    "url_safe_22": lambda r: _text(r, URL_SAFE, 22),
    "letters_6": lambda r: _text(r, LOWER, 6),
    "letters_10": lambda r: _text(r, UPPER, 10),
    "letters_26": lambda r: _text(r, LOWER, 26),
    "decimal_6": lambda r: digits(r, 6, "123456789"),
    "decimal_8": lambda r: digits(r, 8, "123456789"),
    "decimal_9": lambda r: digits(r, 9, "123456789"),
    "decimal_10": lambda r: digits(r, 10, "123456789"),
    "decimal_10_zero": lambda r: digits(r, 10),
    "decimal_11": lambda r: digits(r, 11),
    "decimal_12": lambda r: digits(r, 12, "123456789"),
    "decimal_16": lambda r: digits(r, 16, "123456789"),
    "decimal_19": lambda r: str(r.getrandbits(63)),
    "decimal_38": lambda r: digits(r, 38, "123456789"),
    "int_32": lambda r: str(r.getrandbits(31)),
    "letter_and_8": lambda r: "P" + digits(r, 8, "123456789"),
    "prefix_and_6": lambda r: "PT-" + digits(r, 6),
    "short_number": lambda r: f"P{r.randint(1, 9999):04}",
    "site_and_number": lambda r: f"{r.randint(1, 12):02}-{r.randint(1, 999):03}",
}

CODES: dict[str, Make] = {
    "icd_10": lambda r: f"F{r.randint(10, 99)}.{r.randint(0, 9)}",
    "icd_10_three": lambda r: r.choice("EFGLMNSW") + f"{r.randint(0, 99):02}",
    "icd_10_bare": lambda r: f"F{r.randint(100, 999)}",
    "icd_10_cm": lambda r: r.choice("STM") + digits(r, 5) + r.choice("ADS"),
    "atc_code": lambda r: f"N06A{r.choice('ABGX')}{r.randint(1, 29):02}",
    "snomed_code": _snomed,
    "loinc_code": lambda r: f"{r.randint(10000, 99999)}-{r.randint(0, 9)}",
    "cpt_code": lambda r: r.choice(("90834", "90837", "90847", "96127", "99213", "90791")),
    "hcpcs_code": lambda r: r.choice("GHJ") + digits(r, 4),
    "ndc_code": lambda r: f"{digits(r, 5)}-{digits(r, 4)}-{digits(r, 2)}",
    "ods_code": lambda r: "R" + _text(r, UPPER + "0123456789", 2),
    "bnf_code": lambda r: "0403" + _text(r, UPPER + "0123456789", 11),
    "rxcui": lambda r: digits(r, r.choice((5, 6)), "123456789"),
    "site_id": lambda r: f"site_{r.randint(1, 40)}",
}

QUANTITIES: dict[str, Make] = {
    "daily_dose_mg": lambda r: r.choice(("50", "100", "20", "37.5", "112.5", "150")),
    "total_points": lambda r: str(r.randint(0, 63)),
    "item_3": lambda r: str(r.randint(0, 3)),
    "score_percent": lambda r: str(r.randint(0, 100)),
    "duration_minutes": lambda r: str(r.choice((30, 45, 50, 60, 90))),
    "birth_year": lambda r: str(r.randint(1937, 2006)),
    "year_of_birth": lambda r: str(r.randint(1937, 2006)),
    "index_year": lambda r: str(r.randint(2015, 2025)),
    "age": lambda r: str(r.randint(18, 89)),
    "age_at_referral": lambda r: f"{r.uniform(18, 89.9):.1f}",
    "age_months": lambda r: str(r.randint(216, 1070)),
    "held_day": lambda r: str(r.randint(-400, 1500)),
    "amount": lambda r: f"{r.uniform(0, 5000):.2f}",
    "weight": lambda r: f"{r.gauss(78, 15):.6f}",
    "z_score": lambda r: f"{r.gauss(0, 1):.4f}",
    "decimal_comma": lambda r: f"{r.uniform(0, 100):.1f}".replace(".", ","),
    "percent": lambda r: f"{r.randint(0, 100)}%",
    "scientific": lambda r: f"{r.uniform(0, 1):.3e}",
    "minutes_since": lambda r: str(r.randint(1, 2_000_000)),
    "zip3": lambda r: digits(r, 3),
    "big_count": lambda r: str(r.randint(0, 60_000)),
    "range": lambda r: f"{r.randint(0, 40)}-{r.randint(41, 90)}",
}

TIMES: dict[str, Make] = {
    "held_on": lambda r: _day(r).isoformat(),
    "completed_on": lambda r: f"{_day(r):%d/%m/%Y}",
    "started": lambda r: f"{_day(r):%m/%d/%Y}",
    "ended": lambda r: f"{_day(r):%d.%m.%Y}",
    "recorded": lambda r: f"{_day(r):%Y%m%d}",
    "seen": lambda r: f"{_day(r):%d-%b-%Y}",
    "dispensed": lambda r: f"{_day(r):%d/%m/%y}",
    "onset_on": lambda r: (_day(r) - timedelta(days=r.randrange(0, 12 * 365))).isoformat(),
    "extracted_at": lambda r: f"{_instant(r):%Y-%m-%d %H:%M:%S}",
    "updated_at": lambda r: f"{_instant(r):%Y-%m-%dT%H:%M:%SZ}",
    "stamp": lambda r: f"{_instant(r):%Y-%m-%d %H:%M:%S.%f}",
    "compact_stamp_at": lambda r: f"{_instant(r):%Y%m%d%H%M%S}",
    "created_at": lambda r: str(int(_instant(r).timestamp())),
    "event_ts": lambda r: str(int(_instant(r).timestamp() * 1000)),
    "start_time": lambda r: f"{_instant(r):%H:%M}",
    "end_time": lambda r: f"{_instant(r):%H:%M:%S}",
    "month_key": lambda r: f"{_day(r):%Y-%m}",
}


def site_name(rng: Random) -> str:
    """Return a name of a site."""
    return f"{rng.choice(PLACES)} {rng.choice(ORGANISATIONS)}"


GROUPS: dict[str, dict[str, Make]] = {
    "pseudonyms": PSEUDONYMS,
    "codes": CODES,
    "quantities": QUANTITIES,
    "dates and times": TIMES,
    "lists of words": {
        **{name: (lambda r, words=words: r.choice(words)) for name, words in WORDS.items()},
        "site_name": site_name,
        "clinic": site_name,
        "simulated_site": lambda r: f"Simulated site {r.randint(1, 12)}",
    },
}
"""Clean columns by group: a header, and what makes one value."""

PSEUDONYM_HEADERS = (
    ["patient_id", "participant_key", "pseudonym", "subject", "person_key", "ref", "session_id", "study_id", "assessment_id", "uid", "row_id", "client_ref", "anon_id", "key", "hashed_ref"]
)
