{#
    One row per measure and unit (course, session or spell) that is eligible for
    it, with the groups it is shown by. Rows of single people: never released.

    A group is `not_recorded` where the unit could have one, and null where it
    cannot: a spell of medication has no site, and a unit without a calendar day
    has no month.
#}

with

{%- set families = [
    'episodes', 'sessions', 'recoveries', 'follow_ups', 'spells'
] %}

drawn as (

    {%- for family in families %}
        select * from {{ ref('int_measures_drawn_from_' ~ family) }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

episodes as (

    select * from {{ ref('fct_episodes') }}

),

outcomes as (

    select * from {{ ref('fct_episode_outcomes') }}
    where instrument = 'phq9'

),

patients as (

    select * from {{ ref('dim_patients') }}

),

measures as (

    select * from {{ ref('measures') }}

),

feeds as (

    select distinct
        source,
        date_mode
    from {{ ref('int_feeds_supplied_by_namespace') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

described as (

    select
        drawn.*,
        measures.unit = 'spell of medication' as is_spell,
        outcomes.baseline_band,
        patients.sex,
        patients.ethnicity,
        patients.deprivation_quintile,
        coalesce(patients.is_aged_90_plus, false) as is_aged_90_plus,
        feeds.date_mode,

        -- anchored days have a real year only where the index year is known
        coalesce(
            episodes.age_at_start_years,
            case
                when
                    feeds.date_mode = 'calendar'
                    or patients.index_year is not null
                    then
                        extract(year from drawn.anchored_on)
                        - patients.birth_year
            end
        ) as age_years
    from drawn

    inner join measures
        on drawn.measure_id = measures.measure_id

    inner join patients
        on drawn.patient_id = patients.patient_id

    left join episodes
        on drawn.episode_id = episodes.episode_id

    left join outcomes
        on drawn.episode_id = outcomes.episode_id

    left join feeds
        on drawn.source = feeds.source

),

final as (

    select
        ---------- ids
        described.measure_id,
        described.unit_id,
        described.patient_id,
        described.clinician_id,
        case
            when not described.is_spell
                then coalesce(described.site_id, 'not_recorded')
        end as site_id,

        ---------- strings
        described.source,
        described.exclusion_reason,
        case
            when not described.is_spell
                then coalesce(described.modality, 'not_recorded')
        end as modality,
        case
            when not described.is_spell
                then coalesce(described.format, 'not_recorded')
        end as format,
        case
            when not described.is_spell
                then coalesce(described.baseline_band, 'not_recorded')
        end as severity_band,
        coalesce(described.sex, 'not_recorded') as sex,
        case
            when described.is_aged_90_plus then oldest.age_band
            else coalesce(age_bands.age_band, 'not_recorded')
        end as age_band,
        coalesce(described.ethnicity, 'not_recorded') as ethnicity,
        coalesce(
            cast(described.deprivation_quintile as varchar), 'not_recorded'
        ) as deprivation_quintile,

        ---------- numerics
        described.measured_value,

        ---------- booleans
        described.is_excluded,
        described.is_in_denominator,
        described.is_in_numerator,

        ---------- dates
        case
            when described.date_mode = 'calendar'
                then cast(date_trunc('month', described.anchored_on) as date)
        end as period_month

    from described

    left join age_bands
        on
            described.age_years >= age_bands.from_years
            and described.age_years
            <= coalesce(age_bands.to_years, described.age_years)

    left join age_bands as oldest
        on
            oldest.to_years is null
            and described.is_aged_90_plus

)

select * from final
