"""Checks on sessions beside each other: the same one twice, clinicians' days, sites' months."""

from expectations.records import (
    CALENDAR,
    CLINICAL_LEAD,
    CLOCK,
    SOURCE_MANAGER,
    RecordCheck,
    Rows,
)

MOST_SESSIONS_A_DAY = 16
"""Sessions of half an hour that fill a day of eight hours; groups are left out, because
each of their patients has a row. Our convention."""

LEAST_PLANNED = 100
"""Planned sessions of a site. Where one in ten is missed, none of so many is missed by
chance in 3 of 100,000 sites."""

LEAST_A_MONTH = 10
"""Mean sessions of the three months before, and of those after. Where ten are expected,
none comes by chance in 5 of 100,000 months (Poisson)."""

REPEATED = Rows(
    """
    select judged.session_id, judged.held_on, coalesce(twins.nth, 1) as nth
    from judged
    left join (
        select
            session_id,
            row_number() over (
                partition by
                    patient_id, held_on, episode_id, clinician_id, site_id, attendance,
                    session_type, modality, format, delivery_mode, duration_minutes
                order by is_judged, session_id
            ) as nth
        from sessions
        where (patient_id, held_on) in (
            select (patient_id, held_on) from sessions
            group by patient_id, held_on having count(*) > 1
        )
    ) as twins using (session_id)
    """,
    unit="session_id",
    on_day="held_on",
)
CLINICIAN_DAYS = Rows(
    """
    select
        clinician_id,
        held_on,
        count(*) filter (format is distinct from 'group') as held_count,
        min(site_id) filter (is_at_its_site) as first_site,
        max(site_id) filter (is_at_its_site) as last_site,
        bool_or(is_judged) as is_judged
    from (
        select
            sessions.*,
            sessions.site_id in (from keys_of_sites)
            and coalesce(sessions.delivery_mode, 'in_person') = 'in_person'
                as is_at_its_site
        from sessions
        where sessions.attendance = 'attended' and sessions.clinician_id is not null
    )
    group by clinician_id, held_on
    """,
    unit="clinician_id || ' ' || held_on",
    on_day="held_on",
)
SITES = Rows(
    """
    select
        site_id,
        count(*) as planned_count,
        count(*) filter (attendance <> 'attended') as missed_count
    from judged
    where site_id is not null
    group by site_id
    """,
    unit="site_id",
)
SITE_MONTHS = Rows(
    """
    select
        *,
        avg(held_count) over (
            partition by site_id order by month
            rows between 3 preceding and 1 preceding
        ) as mean_before,
        avg(held_count) over (
            partition by site_id order by month
            rows between 1 following and 3 following
        ) as mean_after
    from (
        select months.site_id, months.month, coalesce(counted.held_count, 0) as held_count
        from (
            select
                site_id,
                unnest(
                    generate_series(
                        date_trunc('month', min(held_on)),
                        date_trunc('month', max(held_on)),
                        interval 1 month
                    )
                )::date as month
            from judged
            cross join delivery
            where held_on between date '1980-01-01' and delivery.extracted_on
            group by site_id
        ) as months
        left join (
            select
                site_id,
                date_trunc('month', held_on)::date as month,
                count(*) as held_count
            from judged
            group by all
        ) as counted
            on months.site_id = counted.site_id and months.month = counted.month
        where months.site_id is not null
    )
    """,
    unit="site_id || ' ' || month",
    on_day="month",
)

CHECKS = (
    RecordCheck(
        "contact_is_sent_once",
        "sessions",
        "conformance",
        SOURCE_MANAGER,
        "One contact under two keys counts as two sessions: dose and attendance are too "
        "high.",
        ("attendance", "courses", "length"),
        "Send the system's own key, not one made per extract or per join.",
        "session",
        REPEATED,
        "nth > 1",
    ),
    RecordCheck(
        "clinicians_are_at_one_site_a_day",
        "sessions",
        "plausibility",
        CLINICAL_LEAD,
        "One person in two places: sessions are booked under the wrong site or the wrong "
        "clinician. Sessions by video, phone or online are left out.",
        ("sites", "length"),
        "Correct the site or the clinician; a team's shared login is the usual cause.",
        "clinician and day",
        CLINICIAN_DAYS,
        "first_site <> last_site",
        "is_judged and first_site is not null",
        (CALENDAR, "sites"),
    ),
    RecordCheck(
        "clinicians_hold_no_more_than_a_day_allows",
        "sessions",
        "plausibility",
        CLINICAL_LEAD,
        f"More than {MOST_SESSIONS_A_DAY} attended sessions, groups apart, are more than "
        "eight hours of half an hour each: several people share a login, or a batch was "
        "entered under one day.",
        ("attendance", "waiting", "length"),
        "Give each clinician a key; enter sessions under the day they were held.",
        "clinician and day",
        CLINICIAN_DAYS,
        f"held_count > {MOST_SESSIONS_A_DAY}",
        "is_judged",
        (CALENDAR,),
    ),
    RecordCheck(
        "somebody_misses_a_session",
        "sessions",
        "plausibility",
        CLINICAL_LEAD,
        f"Of {LEAST_PLANNED} planned sessions or more none was missed or cancelled: only "
        "those held are recorded, and attendance and dropout cannot be known. Where one in "
        "ten is missed, chance does this in 3 of 100,000 sites.",
        ("attendance", "courses", "sites"),
        "Ask the site to record every planned session with what became of it.",
        "site",
        SITES,
        "missed_count = 0",
        f"planned_count >= {LEAST_PLANNED}",
    ),
    RecordCheck(
        "sites_are_not_silent_for_a_month",
        "sessions",
        "completeness",
        SOURCE_MANAGER,
        f"No session in a month between months of {LEAST_A_MONTH} or more on average: its "
        "records are missing, and courses seem to break off there. Chance does this in 5 "
        "of 100,000 months (Poisson).",
        ("attendance", "courses", "waiting", "sites"),
        "Ask for the month again; look for a change of system or a failed transfer.",
        "site and month",
        SITE_MONTHS,
        "held_count = 0",
        f"least(mean_before, mean_after) >= {LEAST_A_MONTH}",
        (CLOCK,),
    ),
)
