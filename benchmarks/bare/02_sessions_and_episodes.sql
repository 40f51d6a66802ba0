-- Sessions with their episode and place in it, and episodes with their day 0.

create table work.recorded as
with current_rows as (
    select e.*
    from raw.episodes as e
    join work.current_loads as l on e.load_id = l.load_id and l.feed = 'episodes'
    qualify row_number() over (
        partition by e.source, e.episode_id order by l.age
    ) = 1
)

select
    * exclude (load_id, is_deleted),
    coalesce(started_on, referred_on) as opened_on
from current_rows as c
semi join work.patients as p on c.patient_id = p.patient_id
where not coalesce(is_deleted, false);

create table work.sessions as
with current_rows as (
    select s.*
    from raw.sessions as s
    join work.current_loads as l on s.load_id = l.load_id and l.feed = 'sessions'
    qualify row_number() over (
        partition by s.source, s.session_id order by l.age
    ) = 1
),

present as (
    select c.*
    from current_rows as c
    semi join work.patients as p on c.patient_id = p.patient_id
    where not coalesce(c.is_deleted, false)
),

-- sources that send courses, or whose sessions name one
recording as (
    select source from work.recorded
    union
    select s.source
    from present as s
    join work.recorded as e
        on s.episode_id = e.episode_id and s.patient_id = e.patient_id
),

-- a session that names no course of its patient: the one open that day
placed as (
    select s.session_id, e.episode_id
    from present as s
    join work.recorded as e
        on
            s.patient_id = e.patient_id
            and (
                s.episode_id = e.episode_id
                or (
                    s.held_on >= e.opened_on
                    and coalesce(s.held_on <= e.ended_on, true)
                )
            )
    qualify row_number() over (
        partition by s.session_id
        order by
            coalesce(s.episode_id = e.episode_id, false) desc,
            e.opened_on desc, e.episode_id
    ) = 1
),

kept as (
    select
        c.* exclude (episode_id, load_id, is_deleted),
        p.episode_id as sent_episode_id,
        r.source is not null as has_episodes,
        case when c.attendance = 'attended' then c.held_on end as attended_on
    from present as c
    left join recording as r on c.source = r.source
    left join placed as p on c.session_id = p.session_id
),

-- a gap between attended sessions starts a new course, where none is recorded
marked as (
    select
        *,
        coalesce(
            attended_on - max(attended_on) over (
                partition by source, patient_id
                order by held_on, attended_on nulls last, session_id
                rows between unbounded preceding and 1 preceding
            ) >= getvariable('episode_gap_days'), false
        ) as starts_a_course
    from kept
    where not has_episodes
),

numbered as (
    select
        *,
        count_if(starts_a_course) over (
            partition by source, patient_id
            order by held_on, attended_on nulls last, session_id
            rows unbounded preceding
        ) as course
    from marked
),

dated as (
    select
        *,
        min(attended_on) over (partition by source, patient_id, course)
            as course_on
    from numbered
),

grouped as (
    select *, sent_episode_id as episode_id
    from kept
    where has_episodes
    union all by name
    select
        * exclude (starts_a_course, course, course_on),
        split_part(patient_id, ':', 1) || ':'
        || md5(source || '|' || patient_id || '|' || course_on::varchar)
            as episode_id
    from dated
)

select
    * exclude (has_episodes, sent_episode_id),
    not has_episodes as is_episode_derived,
    attended_on is not null and coalesce(session_type, 'treatment') = 'treatment'
        as is_attended_treatment,
    count_if(
        attended_on is not null
        and coalesce(session_type, 'treatment') = 'treatment'
    ) over in_order as session_number,
    max(attended_on) over (
        in_order rows between unbounded preceding and 1 preceding
    ) as previous_attended_on
from grouped
window in_order as (partition by episode_id order by held_on, session_id);

-- one row per episode with a session; the first_ columns need a treatment
create table work.session_summaries as
select
    episode_id,
    max(patient_id) filter (where is_attended_treatment) as patient_id,
    max(source) filter (where is_attended_treatment) as source,
    bool_or(is_episode_derived) as is_episode_derived,
    max(clinician_id) filter (where is_attended_treatment and session_number = 1)
        as first_clinician_id,
    max(site_id) filter (where is_attended_treatment and session_number = 1)
        as first_site_id,
    max(modality) filter (where is_attended_treatment and session_number = 1)
        as first_modality,
    max(format) filter (where is_attended_treatment and session_number = 1)
        as first_format,
    max(delivery_mode) filter (where is_attended_treatment and session_number = 1)
        as first_delivery_mode,
    count_if(is_attended_treatment)::integer as treatments_count,
    min(held_on) filter (where is_attended_treatment) as first_attended_on,
    max(held_on) filter (where is_attended_treatment and session_number = 2)
        as second_attended_on,
    max(held_on) filter (where is_attended_treatment) as last_treatment_on,
    if(treatments_count > 0, max(attended_on), null) as last_attended_on,
    count(attended_on)::integer as contacts_count,
    count_if(attendance = 'did_not_attend')::integer as not_attended_count,
    count_if(attendance = 'cancelled_late_by_patient')::integer
        as cancelled_late_count,
    count_if(
        attended_on - previous_attended_on >= getvariable('episode_gap_days')
    )::integer as restarts_count
from work.sessions
where episode_id is not null
group by episode_id;

create table work.episodes as
with combined as (
    select * exclude (opened_on), false as is_derived
    from work.recorded
    union all by name
    select
        s.episode_id, s.patient_id, s.source, true as is_derived,
        s.first_site_id as site_id, s.first_modality as modality,
        s.first_attended_on as started_on,
        coalesce(
            o.data_to - s.last_attended_on >= getvariable('episode_gap_days'),
            false
        ) or coalesce(p.died_on <= o.data_to, false) as is_over,
        if(is_over, s.last_attended_on, null) as ended_on,
        if(is_over, null, 'ongoing') as end_reason
    from work.session_summaries as s
    left join work.patients as p on s.patient_id = p.patient_id
    left join work.observed as o on s.source = o.source
    where s.is_episode_derived and s.treatments_count > 0
),

dated as (
    select
        c.* exclude (is_over),
        s.first_clinician_id, s.first_modality, s.first_format,
        s.first_delivery_mode, s.first_attended_on, s.second_attended_on,
        s.last_treatment_on, s.last_attended_on, s.contacts_count,
        s.not_attended_count, s.cancelled_late_count, s.restarts_count,
        nullif(s.treatments_count, 0) as treatments_count,
        coalesce(s.first_attended_on, c.started_on) as index_on
    from combined as c
    left join work.session_summaries as s on c.episode_id = s.episode_id
)

select
    *,
    row_number() over (
        partition by patient_id order by index_on nulls last, episode_id
    ) = 1 as is_first_episode
from dated;

-- whether and when each is known to have ended
create table work.ends as
with judged as (
    select
        e.episode_id, e.end_reason, e.ended_on, e.last_attended_on,
        p.observed_from,
        if(coalesce(f.has_sessions, false), coalesce(e.treatments_count, 0), null)
            as treatments_count,
        coalesce(r.is_end, false)
        or (e.ended_on is not null and not e.is_derived) as is_discharged,
        coalesce(r.is_dropout, false) as is_dropout_coded,
        coalesce(m.is_therapy, true) as is_therapy,
        o.data_to - e.last_attended_on as silent_days,
        coalesce(p.died_on <= o.data_to, false)
        and coalesce(
            p.died_on - e.last_attended_on < getvariable('episode_gap_days'), true
        ) as is_dead_within_the_gap
    from work.episodes as e
    left join work.sources as f on e.source = f.source
    left join work.patients as p on e.patient_id = p.patient_id
    left join work.observed as o on e.source = o.source
    left join seeds.modalities as m on e.modality = m.modality
    left join seeds.end_reasons as r on e.end_reason = r.end_reason
)

select
    *,
    not is_discharged and is_dead_within_the_gap as is_ended_by_death,
    is_discharged
    or coalesce(silent_days >= getvariable('episode_gap_days'), false)
    or is_dead_within_the_gap as is_finished,
    silent_days >= getvariable('dropout_silent_days') as is_silent,
    coalesce(ended_on, if(is_finished, last_attended_on, null)) as known_end_on
from judged;

create table marts.fct_sessions as
select
    s.session_id, s.patient_id, e.episode_id, s.clinician_id, s.site_id,
    s.source, s.attendance, s.session_type, s.modality, s.format,
    s.delivery_mode,
    case
        when s.is_attended_treatment and e.episode_id is not null
            then s.session_number
    end::integer as session_number,
    (s.held_on - e.index_on)::integer as days_since_start,
    case
        when e.episode_id is not null then s.held_on - s.previous_attended_on
    end::integer as days_since_previous,
    s.duration_minutes, s.participants_count, s.homework_completed_percent,
    s.is_attended_treatment,
    s.participants_count >= f.minimum_participants as is_format_confirmed,
    s.is_homework_assigned, s.is_goal_set, s.is_episode_derived, s.held_on
from work.sessions as s
left join work.episodes as e on s.episode_id = e.episode_id
left join seeds.formats as f on s.format = f.format;
