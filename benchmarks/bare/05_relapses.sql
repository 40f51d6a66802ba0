-- Remission by the PHQ-9 and what came after it.

-- one score a day, of people who were alive
create table work.phq9_days as
select s.*, p.died_on
from work.scores as s
left join work.patients as p on s.patient_id = p.patient_id
where
    s.instrument = 'phq9'
    and coalesce(s.completed_on <= p.died_on, true);

create table work.remissions as
with followed as (
    select s.*, s.points < i.remission_below_points as is_below
    from work.phq9_days as s
    join work.baselines as b
        on
            s.episode_id = b.episode_id
            and s.instrument = b.instrument
            and s.completed_on > b.completed_on
    join seeds.instruments as i on s.instrument = i.instrument
    where b.points >= i.response_floor_points
    qualify row_number() over (
        partition by s.episode_id, s.completed_on order by s.assessment_id
    ) = 1
),

spaced as (
    select
        *,
        completed_on - lag(completed_on) over (
            partition by episode_id order by completed_on
        ) as gap
    from followed
),

-- a score that is not below ends a run, and so does a time without any
numbered as (
    select
        episode_id, completed_on, is_below,
        count_if(
            not is_below
            or coalesce(gap > getvariable('follow_up_gap_up_to_days'), false)
        ) over (
            partition by episode_id
            order by completed_on
            rows unbounded preceding
        ) as run
    from spaced
),

runs as (
    select
        episode_id, completed_on,
        min(completed_on) over (partition by episode_id, run) as run_started_on
    from numbered
    where is_below
)

select e.episode_id, e.patient_id, e.source, min(r.completed_on) as remitted_on
from runs as r
join work.episodes as e on r.episode_id = e.episode_id
where
    r.completed_on - r.run_started_on
    >= getvariable('remission_confirmed_after_days')
group by e.episode_id, e.patient_id, e.source;

-- scores after a remission, up to the first that is ill or to a gap too long
create table work.scores_followed as
with later as (
    select
        r.episode_id, r.remitted_on, s.completed_on, s.collection_reason,
        s.points >= i.relapse_from_points as is_ill
    from work.remissions as r
    join work.phq9_days as s
        on r.patient_id = s.patient_id and s.completed_on > r.remitted_on
    join seeds.instruments as i on s.instrument = i.instrument
    qualify row_number() over (
        partition by r.episode_id, s.completed_on order by s.assessment_id
    ) = 1
),

spaced as (
    select
        *,
        completed_on
        - coalesce(lag(completed_on) over in_order, remitted_on) as gap
    from later
    window in_order as (partition by episode_id order by completed_on)
),

watched as (
    select
        *,
        max(gap) over (in_order rows unbounded preceding) as longest_gap,
        coalesce(bool_or(is_ill) over (
            in_order rows between unbounded preceding and 1 preceding
        ), false) as is_over
    from spaced
    window in_order as (partition by episode_id order by completed_on)
)

select * from watched
where longest_gap <= getvariable('follow_up_gap_up_to_days') and not is_over;

create table marts.fct_relapses as
with followed as (
    select
        episode_id,
        count(*) as scores_count,
        max(completed_on) filter (where not is_ill) as last_below_on,
        max(completed_on) filter (where is_ill) as ill_on,
        max(collection_reason) filter (where is_ill) as reason
    from work.scores_followed
    group by episode_id
),

ended as (
    select
        r.*, f.ill_on, f.reason, p.died_on,
        coalesce(f.scores_count, 0) as scores_count,
        coalesce(f.last_below_on, r.remitted_on) as low_on,
        case
            when f.ill_on is not null then 'relapsed'
            when
                p.died_on - coalesce(f.last_below_on, r.remitted_on)
                <= getvariable('follow_up_gap_up_to_days')
                then 'died'
            else 'censored'
        end as status,
        coalesce(f.last_below_on, r.remitted_on)
        + floor((f.ill_on - coalesce(f.last_below_on, r.remitted_on)) / 2)::integer
            as relapsed_on
    from work.remissions as r
    left join followed as f on r.episode_id = f.episode_id
    left join work.patients as p on r.patient_id = p.patient_id
),

measured as (
    select
        *,
        (case status
            when 'relapsed' then relapsed_on
            when 'died' then died_on
            else low_on
        end - remitted_on)::integer as followed_days
    from ended
)

select
    episode_id, patient_id, source, status,
    case
        when status != 'relapsed' then null
        when followed_days >= getvariable('recurrence_from_days')
            then 'recurrence'
        else 'relapse'
    end as reoccurrence,
    reason as event_collection_reason,
    followed_days,
    scores_count::integer as scores_count_after,
    status = 'relapsed' as is_relapsed,
    remitted_on,
    low_on as last_below_on,
    if(status = 'relapsed', low_on, null) as event_low_on,
    ill_on as event_high_on,
    relapsed_on,
    if(status = 'censored', low_on, null) as censored_on
from measured;
