"""Where a figure comes from. A figure without its passport is not rendered."""

from dataclasses import dataclass, fields

from pipelines.errors import PipelineError


class MissingPassportError(PipelineError):
    """A figure was about to be shown without saying where it comes from."""


@dataclass(frozen=True)
class Passport:
    """What a release says about itself; everything a page knows that no table holds.

    Instants are ISO 8601 in UTC. `next_release_due` is a day or an instant; null
    when no source says how often it delivers.
    """

    release_id: str
    run_id: str
    as_of: str
    built_at: str
    disclosure_profile: str
    next_release_due: str | None
    git_commit: str | None
    is_simulated: bool


@dataclass(frozen=True)
class FigurePassport:
    """What one figure says about itself, in words that can be printed.

    Raises:
        MissingPassportError: One of the parts is empty.
    """

    measure: str
    version: str
    population: str
    data_quality: str
    diagnostics: str
    suppression: str
    release_id: str
    data_as_of: str

    def __post_init__(self) -> None:
        """Refuse a passport with a blank page."""
        blank = [item.name for item in fields(self) if not getattr(self, item.name)]
        if blank:
            raise MissingPassportError(
                f"A figure's passport lacks {', '.join(blank)}. Fill every part in "
                "pipelines/reporting/site/, saying 'none' where there is none."
            )

    def entries(self) -> tuple[tuple[str, str], ...]:
        """Return (label, text) pairs in the order they are printed."""
        return (
            ("Measure", self.measure),
            ("Version", self.version),
            ("Population", self.population),
            ("Checks", self.data_quality),
            ("Diagnostics", self.diagnostics),
            ("Suppression", self.suppression),
            ("Release", self.release_id),
            ("Data as of", self.data_as_of),
        )
