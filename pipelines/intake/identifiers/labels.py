"""Tell an identifier by its column's name, in several languages and abbreviations."""

import re
import unicodedata

PEOPLE = (
    "first|last|sur|given|family|full|fore|middle|maiden|birth|legal|preferred|nick|"
    "patient|pat|pt|client|user|mother|father|parent|partner|spouse|carer|kin|contact|"
    "emergency_contact|therapist|clinician|counsellor|counselor|doctor|gp|physician|"
    "nurse|practitioner|consultant|psychologist|psychiatrist|staff"
)
"""Of whom a `..._name` is a person's."""

NUMBER = "(?:no|nr|num|number|nbr|nummer|numero)"

NAMED = {
    "name": rf"(?:{PEOPLE})_?names?|^names?$|surname|forename|[flms]names?|initials|"
    rf"next_of_kin|nok|(?:{PEOPLE})_(?:first|last)|(?:vor|nach|familien)_?name|"
    r"^nom$|nom_(?:de_famille|complet|patient)|prenom|apellidos?|^nombres?$|"
    r"nombre_(?:completo|paciente|y_apellidos)|primer_nombre|cognome|^nome$|"
    r"nome_(?:completo|paziente|paciente)|sobrenome|apelido|achternaam|voornaam|"
    r"efternamn|fornamn|etternavn|fornavn|etunimi|sukunimi|imie|nazwisko|soyadi?",
    "e-mail": r"e_?mails?|e_?mail_?(?:addr(?:ess)?|id)|courriel|correo|"
    r"correo_electronico|epost|mailadresse",
    "phone": rf"(?:tele)?phones?|phone_?{NUMBER}|(?:home|work|cell|mobile|day|evening)_?"
    rf"(?:tele)?phone|tel|telephone_?{NUMBER}|tel_?{NUMBER}|telefono?|telefoon|"
    rf"telefone|telefon_?{NUMBER}|mobile(?:_?{NUMBER})?|mobil|mobiltelefon|handy|"
    rf"movil|celular|cell|fax|fax_?{NUMBER}|contact_?{NUMBER}",
    "social security number": rf"ssn|ss_?{NUMBER}|soc_?sec|social_?security"
    rf"(?:_?{NUMBER})?|itin",
    "NHS number": rf"^nhs$|nhs_?{NUMBER}|nhs_?id|new_nhs_{NUMBER}",
    "CHI number": rf"^chi$|chi_?{NUMBER}|community_health_index",
    "National Insurance number": rf"nino|ni_?{NUMBER}|national_?insurance(?:_?{NUMBER})?",
    "national id number": rf"national_?id(?:entity|entifier)?(?:_?{NUMBER})?|"
    r"personnummer|fodselsnummer|^cpr$|cpr_?(?:nr|nummer)|bsn|burgerservicenummer|nir|"
    r"numero_(?:de_)?securite_sociale|dni|nif|nie|codice_fiscale|cpf|pesel|rodne_cislo|"
    r"steuer_?id|sozialversicherungs_?nummer|svnr|ahv(?:_?nr)?|aadhaar|curp|medicare_ihi",
    "health plan number": rf"mbi|hicn|medicare_?(?:{NUMBER}|id)|medicaid_?(?:{NUMBER}|id)"
    rf"|beneficiary_?{NUMBER}|(?:health_?)?(?:plan|policy|insurance)_?{NUMBER}|"
    rf"member_?{NUMBER}|subscriber_?{NUMBER}|kvnr|versicherten_?(?:nr|nummer)",
    "record number": rf"e?mrn|(?:hospital|hosp)_?{NUMBER}|med(?:ical)?_?rec(?:ord)?"
    rf"(?:_?{NUMBER}|_?id)?|chart_?{NUMBER}|(?:patient|pat)_?{NUMBER}|"
    rf"unit_?{NUMBER}|pas_?(?:{NUMBER}|id)|rio_?(?:{NUMBER}|id)|emis_?(?:{NUMBER}|id)|"
    r"epic_?id|empi|patienten_?nummer|fall_?nummer|aktenzeichen|historia_?clinica|"
    r"numero_(?:de_)?dossier|cartella_clinica",
    "account number": rf"(?:account|acct)_?{NUMBER}|iban|bank_?account|sort_?code|"
    rf"(?:credit|debit)_?card(?:_?{NUMBER})?|card_?{NUMBER}|konto_?(?:nr|nummer)",
    "licence number": rf"(?:driv(?:er|ing)s?_?)?licen[cs]e_?{NUMBER}|passport"
    rf"(?:_?{NUMBER})?|(?:dea|gmc|nmc|hcpc|gphc|bacp)_?(?:{NUMBER}|pin|ref)|"
    rf"registration_?{NUMBER}|reisepass|ausweis_?(?:nr|nummer)|pasaporte",
    "NPI": rf"npi|npi_?{NUMBER}|(?:provider|clinician|rendering|billing)_?npi",
    "birth date": r"dob|d_o_b|born|born_?(?:on|at|date)|birth_?(?:date|day|dt|dat|month)"
    r"|^birth$|date_?of_?birth|dateof_birth|b_?date|geb|geb_?dat(?:um)?|geburts_?(?:datum|tag)|"
    r"date_?(?:de_)?naissance|naissance|ddn|fecha_?(?:de_)?nac(?:imiento)?|f_?nac|"
    r"data_?(?:di_)?nascita|data_?(?:de_)?nascimento|nascimento|geboorte_?datum|"
    r"fodsels_?dat[oe]?|fodelse_?(?:datum|dato)|syntyma_?aika|data_urodzenia|"
    r"dogum_tarihi",
    "ZIP code": r"zip|zip_?codes?|zip_?5|zip_?9|zip_?(?:plus_)?4|zcta_?5?|home_?zip",
    "UK postcode": r"pcds?|pcd_?[278]|postcode_?(?:district|sector|unit)|outward_?code",
    "postcode": r"post_?codes?|postal_?codes?|plz|postleitzahl|code_?postal|"
    r"codigo_?postal|cod_?postal|^cap$|^cep$|postnummer|postnr|kod_pocztowy",
    "IP address": r"ip_?addr(?:ess)?|ip_?v?_?[46]|(?:client|remote|source|host)_?ip",
    "web address": r"urls?|web_?(?:site|page|address)|home_?page|linked_?in|facebook|"
    r"twitter|instagram|social_?media",
    "vehicle or device": rf"vin|(?:licen[cs]e|number)_?plate|plate_?{NUMBER}|vehicle_?"
    rf"(?:id|reg|registration|{NUMBER})|kennzeichen|matricula|device_?(?:id|uid|serial|"
    rf"serial_?{NUMBER})|serial_?{NUMBER}|imei|imsi|mac_?addr(?:ess)?|udi|idfa|gaid",
    "address": rf"address(?:es)?|addr|addr_?\d|(?:home|street|mailing|postal)_?addr(?:ess)?|"
    rf"address_?line|addressline|street|street_?name|house_?(?:{NUMBER}|name)|strasse|"
    r"hausnummer|anschrift|adresse|adresa|adres|direccion|domicilio|indirizzo|endereco|"
    r"osoite|uprn|lat|latitude|lng|longitude|geo_?(?:point|location)|easting|northing",
    "biometric or photo": r"biometrics?|finger_?prints?|voice_?prints?|retina|"
    r"face_?(?:id|print|image|photo)|photos?|photograph|picture|selfie|headshot|"
    r"portrait|foto",
    "free text": r"notes?|comments?|free_?text|narrative|remarks?|(?:progress|session|"
    r"clinical|case|therapy)_?notes?|note_?text|letter_?text|transcript|bemerkung(?:en)?|"
    r"kommentar|commentaires?|observaciones|notas|journal_?entry",
}
"""Kinds of identifier that a column's name gives away. Each alternative must be whole
words of the name; the first kind that fits is told."""

ABOUT = re.compile(
    r"^(?:is|has|had|was|n|number_of|count_of|no_of|preferred_contact)_"
    r"|_(?:counts?|flag|yn|consent(?:ed)?|opt_in|type|kind|status|method|present|missing|"
    r"known|verified|valid|recorded|changes?|source|length|words|sent|id)$"
    r"|(?:^|_)(?:count|consent|year|yr|jahr|annee|anno)(?:_|$)"
    r"|(?:^|_)zip_?3$|_area$"
)
"""A column about an identifier, such as `has_phone`, does not hold one."""

KEYS = re.compile(
    r"(?:^|_)(?:nhs|mrn|medicare|medicaid|national|epic|email|mail|device|vehicle|rio"
    r"|emis|pas|face|steuer|medical_record|med_rec)_?id$"
)
"""Names that end like a pseudonym's but are a number of the outside world."""

AGE = re.compile(r"(?:^|_)(?:age|ages|alter|edad|idade|eta|leeftijd|alder)(?:_|$)")
NOT_YEARS = re.compile(r"(?:^|_)(?:months?|weeks?|days?|rating|score|mental)(?:_|$)")

PLACE_OF_LIVING = re.compile(
    r"(?:^|_)(?:regions?|area|county|city|town|state|location|locality|district|"
    r"residence|borough|geo|geography|place|wohnort|ort|ville|ciudad|cidade|comune|home|"
    r"municipality|province|neighbou?rhood)(?:_|$)"
)
"""Five digits in such a column are a ZIP code."""

ORGANISATION = re.compile(
    r"(?:^|_)(?:sites?|clinics?|hospital|org|organi[sz]ation|trust|practice|ward|"
    r"service|facility|department|team|unit|payer|insurer|provider|location|building|"
    r"centre|center|ingredient|drug|medication|product|brand|substance|region|area|"
    r"county|city|town|language|country)(?:_|$)"
)
"""Hospitals, towns and medicines bear the names of people; here one cell is no proof."""

INSTANT = re.compile(
    r"(?:^|_)(?:at|on|time|timestamp|ts|epoch|date|day|dt|unix|version)(?:_|$)"
)
"""Seconds since 1970 lie as close together as record numbers do."""

_PATTERNS = {
    kind: re.compile(f"(?:^|_)(?:{words})(?:_|$)") for kind, words in NAMED.items()
}


def label(name: str) -> str:
    """Return a column's name as lower-case words joined by underscores, accents dropped.

    Examples:
        >>> label("patientName"), label("Date de Naissance"), label("ZIP5")
        ('patient_name', 'date_de_naissance', 'zip_5')
    """
    plain = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("ß", "ss"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = plain.replace("ł", "l").replace("ı", "i")
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    plain = re.sub(r"(?<=[a-z])(?=\d)", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def told_by(name: str) -> str:
    """Return the kind of identifier that a column's name gives away; empty if none.

    Examples:
        >>> told_by("Patient Surname"), told_by("site_name"), told_by("has_phone")
        ('name', '', '')
    """
    return _told(label(name)) or _told(label(name.lower()))


def _told(words: str) -> str:
    """Tell by words; a name such as `RiO` is split by its capitals and also whole."""
    if ABOUT.search(words) and not KEYS.search(words):
        return ""
    return next((k for k, found in _PATTERNS.items() if found.search(words)), "")
