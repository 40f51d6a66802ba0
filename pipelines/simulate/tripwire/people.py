"""Names for planting: drawn by their frequency, so that rare ones come as they do.

people.csv holds 520 first names and 600 surnames drawn with replacement, by frequency,
from the whole lists of the 1990 US Census (public domain; 5,163 different first names,
88,799 surnames). Half of the surnames are ones that the tripwire's lists do not hold.
"""

from functools import lru_cache
from importlib import resources
from random import Random

ELSEWHERE = tuple(
    pair.split("_")
    for pair in ["Priya_Raghunathan", "Arjun_Mehrotra", "Fatima_El-Sayed", "Yusuf_Abdirahman", "Wei_Zhang", "Xiaoming_Guo", "Minh_Trinh", "Thuy_Dang", "Haruto_Yamamoto", "Sakura_Kobayashi", "Chioma_Eze", "Oluwaseun_Adebayo", "Kwabena_Asante", "Thandiwe_Mkhize", "Amara_Diallo", "Ibrahima_Traore", "Piotr_Zielinski", "Agnieszka_Wozniak", "Ileana_Dumitrescu", "Bogdan_Stoica", "Jiri_Dvorak", "Katerina_Svobodova", "Zoltan_Szabo", "Eszter_Toth", "Dimitris_Nikolaidis", "Eleni_Georgiou", "Mehmet_Ozturk", "Elif_Aydin", "Reza_Mohammadi", "Shirin_Hosseini", "Tariq_Mahmood", "Nadia_Rehman", "Gurpreet_Dhillon", "Simran_Sandhu", "Lars_Pedersen", "Ingrid_Lindqvist", "Matti_Nieminen", "Aino_Korhonen", "Giulia_Moretti", "Lorenzo_Conti", "Amélie_Rousseau", "Étienne_Lefèvre", "Jürgen_Schäfer", "Anke_Vogel", "Íñigo_Echeverría", "Begoña_Ibáñez", "João_Carvalho", "Inês_Figueiredo", "Siobhán_Gallagher", "Ciarán_Doherty", "Rhys_Llewellyn", "Cerys_Prosser", "Eilidh_MacLeod", "Hamish_Drummond", "Ngozi_Okafor", "Tendai_Chikwanha"]
)
"""Names from elsewhere, written by us."""


@lru_cache
def _drawn(part: str) -> tuple[str, ...]:
    text = resources.files("pipelines.simulate.tripwire") / "people.csv"
    lines = text.read_text(encoding="utf-8").splitlines()[1:]
    return tuple(
        name.capitalize() for kind, name in map(_split, lines) if kind == part
    )


def _split(line: str) -> list[str]:
    return line.split(",")


def given(rng: Random) -> str:
    """Return a first name."""
    return rng.choice(_drawn("given"))


def surname(rng: Random) -> str:
    """Return a surname."""
    return rng.choice(_drawn("surname"))


def from_elsewhere(rng: Random) -> str:
    """Return a full name that is rare in the US."""
    return " ".join(rng.choice(ELSEWHERE))
