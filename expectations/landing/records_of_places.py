"""Checks on clinicians and sites."""

from expectations.records import SOURCE_MANAGER, RecordCheck, Rows

CLINICIANS = Rows(
    """
    select judged.*, judged.site_id in (from keys_of_sites) as is_site_sent
    from judged
    """,
    unit="clinician_id",
)
SITES = Rows(
    "select *, count(*) over (partition by lower(trim(site_name))) as namesakes "
    "from sites",
    unit="site_id",
)

CHECKS = (
    RecordCheck(
        "site_of_the_clinician_was_sent",
        "clinicians",
        "conformance",
        SOURCE_MANAGER,
        "A clinician of no known site is in no figure by site.",
        ("sites",),
        "Send the site, or mend the clinician's site_id.",
        "clinician",
        CLINICIANS,
        "not is_site_sent",
        "site_id is not null",
        ("sites",),
    ),
    RecordCheck(
        "credential_is_given",
        "clinicians",
        "completeness",
        SOURCE_MANAGER,
        "Outcomes by the clinician's training leave out whoever has none on record.",
        ("sites",),
        "Complete the register of staff.",
        "clinician",
        CLINICIANS,
        "credential is null",
        needs=("clinicians.credential",),
        tolerated_share=0.1,
        tolerated_why="New staff are registered late; our convention, one in ten.",
    ),
    RecordCheck(
        "site_name_is_of_one_site",
        "sites",
        "conformance",
        SOURCE_MANAGER,
        "Two sites of one name cannot be told apart on a page.",
        ("sites",),
        "Give each its name, or send both under one site_id if they are one.",
        "site",
        SITES,
        "namesakes > 1",
        "is_judged and site_name is not null",
    ),
)
