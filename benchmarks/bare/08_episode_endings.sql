-- How each episode ended, what came before it, and the recoveries of finished ones.

create table work.endings as
with latest as (
    select s.episode_id, s.instrument, s.points
    from work.scores as s
    join work.ends as e on s.episode_id = e.episode_id
    where
        s.instrument = 'phq9' and coalesce(s.completed_on <= e.known_end_on, true)
    qualify row_number() over (
        partition by s.episode_id order by s.completed_on desc, s.assessment_id
    ) = 1
),

improved as (
    select
        x.episode_id,
        b.points - l.points >= i.reliable_change_points as is_improved,
        x.points >= i.caseness_from_points as is_case_at_last
    from latest as x
    join seeds.instruments as i on x.instrument = i.instrument
    left join work.baselines as b
        on x.episode_id = b.episode_id and x.instrument = b.instrument
    left join work.last_scores as l
        on x.episode_id = l.episode_id and x.instrument = l.instrument
),

dropped as (
    select
        e.*,
        n.patient_id, n.source, n.index_on, n.referred_on,
        i.is_improved,
        case
            when e.is_dropout_coded then true
            when e.is_discharged or e.is_ended_by_death then false
            when e.treatments_count = 0 or not e.is_silent then false
            when e.is_silent then i.is_case_at_last
        end as is_dropped_out
    from work.ends as e
    join work.episodes as n on e.episode_id = n.episode_id
    left join improved as i on e.episode_id = i.episode_id
)

select
    episode_id, patient_id, source, index_on, referred_on, observed_from,
    treatments_count, is_therapy, is_finished, is_dropped_out,
    case
        when treatments_count is not null and is_therapy
            then is_finished and treatments_count = 0
    end as is_ended_before_treatment,
    coalesce(last_attended_on, ended_on) as last_on,
    known_end_on as finished_on,
    case
        when not is_finished then 'ongoing'
        when is_discharged and end_reason != 'ongoing' then end_reason
        when is_ended_by_death then 'died'
        when is_dropped_out then 'dropped_out'
        else 'unknown'
    end as end_kind,
    if(is_finished and treatments_count > 0, not is_improved, null)
        as is_left_before_improvement,
    treatments_count >= getvariable('failed_therapy_from_sessions')
    and not is_improved as is_failed
from dropped;

create table work.priors as
with courses as (
    select
        *,
        not coalesce(is_ended_before_treatment, false)
        and coalesce(treatments_count > 0, true)
        and is_therapy as is_course
    from work.endings
    where index_on is not null
),

pairs as (
    select
        c.episode_id,
        o.end_kind, o.last_on,
        (o.index_on, o.episode_id) < (c.index_on, c.episode_id) as is_earlier,
        if(o.last_on > c.index_on, false, o.is_failed) as is_failure,
        c.is_course
        and (not o.is_finished or c.index_on <= coalesce(o.last_on, o.index_on))
        and (not c.is_finished or o.index_on <= coalesce(c.last_on, c.index_on))
            as is_overlapping,
        o.index_on < c.index_on
        and (
            not o.is_finished
            or c.index_on - coalesce(o.last_on, o.index_on)
            <= getvariable('new_to_therapy_days')
        ) as is_recent,
        row_number() over (
            partition by
                c.episode_id,
                (o.index_on, o.episode_id) < (c.index_on, c.episode_id)
            order by o.index_on desc, o.episode_id desc
        ) as place
    from courses as c
    join courses as o
        on
            c.patient_id = o.patient_id
            and c.episode_id != o.episode_id
            and o.is_course
),

summarised as (
    select
        episode_id,
        count_if(is_earlier)::integer as prior_count,
        bool_or(is_earlier and is_failure) as has_failure,
        bool_or(is_earlier and is_failure is null) as has_unknown,
        bool_or(is_overlapping) as is_overlapping,
        bool_or(is_recent) as is_recent,
        max(end_kind) filter (where is_earlier and place = 1) as prior_kind,
        max(last_on) filter (where is_earlier and place = 1) as prior_on
    from pairs
    group by episode_id
)

select
    c.episode_id,
    coalesce(s.prior_count, 0) as prior_episodes_count,
    (c.index_on - s.prior_on)::integer as days_since_prior_episode,
    case
        when s.has_failure then true
        when not coalesce(s.has_unknown, false) then false
    end as has_failed_prior_episode,
    coalesce(
        s.prior_kind = 'transferred'
        and c.index_on - s.prior_on < getvariable('episode_gap_days')
        and c.index_on >= s.prior_on, false
    ) as is_transfer,
    if(
        coalesce(s.prior_count, 0) = 0 or is_transfer,
        false, coalesce(c.referred_on, c.index_on) > s.prior_on
    ) as is_re_referral,
    coalesce(s.is_overlapping, false) as overlaps_another_episode,
    case
        when s.is_recent then false
        when c.index_on - c.observed_from >= getvariable('new_to_therapy_days')
            then true
    end as is_new_to_therapy
from courses as c
left join summarised as s on c.episode_id = s.episode_id;

create table marts.fct_episode_recoveries as
with courses as (
    select episode_id, patient_id, source, finished_on, treatments_count
    from work.endings
    where
        is_finished
        and treatments_count >= getvariable('finished_course_from_sessions')
),

ranked as (
    select
        s.episode_id, s.instrument, s.points, s.completed_on, i.recovery_role,
        row_number() over (
            partition by s.episode_id, i.recovery_role
            order by s.completed_on, s.assessment_id
        ) as from_first,
        row_number() over (
            partition by s.episode_id, i.recovery_role
            order by s.completed_on desc, s.assessment_id
        ) as from_last
    from courses as c
    join work.scores as s
        on c.episode_id = s.episode_id and s.completed_on <= c.finished_on
    join seeds.instruments as i
        on s.instrument = i.instrument and i.recovery_role is not null
),

by_role as (
    select
        episode_id, recovery_role, max(instrument) as instrument,
        max(points) filter (where from_first = 1) as first_points,
        if(
            max(completed_on) > min(completed_on),
            max(points) filter (where from_last = 1), null
        ) as last_points
    from ranked
    group by episode_id, recovery_role
),

paired as (
    select
        c.*,
        a.instrument as anxiety_instrument,
        d.first_points as d_first, d.last_points as d_last,
        a.first_points as a_first, a.last_points as a_last,
        d.first_points - d.last_points as d_gain,
        a.first_points - a.last_points as a_gain,
        count(d.first_points) over (partition by c.source) > 0 as is_d_used,
        count(a.first_points) over (partition by c.source) > 0 as is_a_used
    from courses as c
    left join by_role as d
        on c.episode_id = d.episode_id and d.recovery_role = 'depression'
    left join by_role as a
        on c.episode_id = a.episode_id and a.recovery_role = 'anxiety'
),

rules as (
    select
        max(caseness_from_points) filter (where recovery_role = 'depression')
            as d_case,
        max(caseness_from_points) filter (where recovery_role = 'anxiety') as a_case,
        max(reliable_change_points) filter (where recovery_role = 'depression')
            as d_change,
        max(reliable_change_points) filter (where recovery_role = 'anxiety')
            as a_change
    from seeds.instruments
),

judged as (
    select
        p.*,
        d_first >= d_case or a_first >= a_case as is_case,
        d_last is not null and a_last is not null as is_paired,
        d_first >= d_case as is_d_case,
        d_last < d_case as is_d_below,
        a_last < a_case as is_a_below,
        d_gain >= d_change as is_d_better,
        d_gain <= -d_change as is_d_worse,
        a_gain >= a_change as is_a_better,
        a_gain <= -a_change as is_a_worse
    from paired as p, rules
),

classified as (
    select
        *,
        case
            when is_d_used and is_a_used and coalesce(is_case, true)
                then coalesce(is_case and is_d_below and is_a_below, false)
        end as is_recovered,
        case
            when is_d_used and is_a_used
                then coalesce(
                    is_paired
                    and (is_d_better or is_a_better)
                    and not (is_d_worse or is_a_worse), false
                )
        end as is_improved,
        case
            when is_d_used and is_a_used
                then coalesce(
                    is_paired
                    and (is_d_worse or is_a_worse)
                    and not (is_d_better or is_a_better), false
                )
        end as is_worse,
        case
            when is_d_used and coalesce(is_d_case, true)
                then coalesce(is_d_case and is_d_below, false)
        end as is_recovered_phq,
        if(is_d_used, coalesce(is_d_better, false), null) as is_improved_phq,
        if(is_d_used, coalesce(is_d_worse, false), null) as is_worse_phq
    from judged
)

select
    episode_id, patient_id, source, anxiety_instrument,
    treatments_count as treatment_sessions_count,
    d_first as first_phq9_points, d_last as last_phq9_points,
    a_first as first_anxiety_points, a_last as last_anxiety_points,
    is_paired as has_paired_scores,
    is_case as is_caseness_at_first,
    is_recovered, is_improved as is_reliably_improved,
    is_worse as is_reliably_deteriorated,
    if(is_recovered is null, null, is_recovered and is_improved)
        as is_reliably_recovered,
    is_recovered_phq, is_improved_phq as is_reliably_improved_phq,
    is_worse_phq as is_reliably_deteriorated_phq,
    if(is_recovered_phq is null, null, is_recovered_phq and is_improved_phq)
        as is_reliably_recovered_phq,
    finished_on
from classified;
