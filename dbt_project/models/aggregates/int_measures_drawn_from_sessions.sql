{#
    One row per measure of attendance and session that is eligible for it. A
    session cancelled in time, or by the service, is excluded and says so. Site,
    kind and format are the session's own, else those of its course.
#}

{{ config(materialized='view') }}

{%- set cancelled_otherwise -%}
case
    when attendance in ('cancelled_by_patient', 'cancelled_by_service')
        then attendance
end
{%- endset -%}

{%- set measures = [
    {
        'id': 'attendance',
        'eligible': 'attendance is not null',
        'exclusion': cancelled_otherwise,
        'numerator': "attendance = 'attended'",
    },
    {
        'id': 'non_attendance',
        'eligible': 'attendance is not null',
        'exclusion': cancelled_otherwise,
        'numerator': "attendance <> 'attended'",
    },
] -%}

with

sessions as (

    select * from {{ ref('fct_sessions') }}

),

episodes as (

    select * from {{ ref('fct_episodes') }}

),

modalities as (

    select * from {{ ref('modalities') }}

),

contacts as (

    select
        sessions.session_id as unit_id,
        sessions.patient_id,
        sessions.episode_id,
        sessions.clinician_id,
        coalesce(sessions.site_id, episodes.site_id) as site_id,
        coalesce(sessions.modality, episodes.modality) as modality,
        coalesce(sessions.format, episodes.format) as format,
        sessions.source,
        sessions.attendance,
        sessions.held_on as anchored_on
    from sessions

    left join episodes
        on sessions.episode_id = episodes.episode_id

    left join modalities as course_kinds
        on episodes.modality = course_kinds.modality

    left join modalities as own_kinds
        on sessions.modality = own_kinds.modality

    where
        coalesce(course_kinds.is_therapy, true)
        and coalesce(own_kinds.is_therapy, true)

),

judged as (

    {{ judged_units('contacts', measures) }}

)

select * from judged
