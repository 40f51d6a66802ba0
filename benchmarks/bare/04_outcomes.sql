-- Where each episode started and ended by each instrument, and what that is.

create table work.scores as
select
    assessment_id, patient_id, episode_id, source, instrument, collection_reason,
    points, item_9_points, severity_band, completed_on,
    (completed_on - index_on)::integer as day
from work.assessments
where points is not null;

-- any score of the person counts for a baseline and for the windows
create table work.baselines as
select
    e.episode_id, e.patient_id, s.instrument, s.points, s.item_9_points,
    s.severity_band, s.completed_on,
    if(s.completed_on <= e.index_on, 'before_start', 'first_week')
        as baseline_source
from work.scores as s
join work.episodes as e on s.patient_id = e.patient_id
where
    s.completed_on - e.index_on between -getvariable('baseline_days_before')
    and getvariable('baseline_days_after')
    and (
        s.completed_on <= e.index_on
        or coalesce(s.completed_on < e.second_attended_on, true)
    )
qualify row_number() over (
    partition by e.episode_id, s.instrument
    order by
        s.completed_on > e.index_on, abs(s.completed_on - e.index_on),
        s.assessment_id
) = 1;

-- the last in treatment, and the first that is a response
create table work.last_scores as
with followed as (
    select s.*, b.points as baseline_points
    from work.scores as s
    join work.baselines as b
        on
            s.episode_id = b.episode_id
            and s.instrument = b.instrument
            and s.completed_on > b.completed_on
    join work.ends as e on s.episode_id = e.episode_id
    where coalesce(s.completed_on <= e.known_end_on, true)
),

responses as (
    select
        f.episode_id, f.instrument,
        min(f.completed_on) as response_on,
        min(f.day) as response_day
    from followed as f
    join seeds.instruments as i on f.instrument = i.instrument
    where
        2 * f.points <= f.baseline_points
        and f.baseline_points >= i.response_floor_points
    group by f.episode_id, f.instrument
),

latest as (
    select episode_id, instrument, points, severity_band, completed_on
    from followed
    qualify row_number() over (
        partition by episode_id, instrument
        order by completed_on desc, assessment_id
    ) = 1
)

select latest.*, responses.response_on, responses.response_day
from latest
left join responses using (episode_id, instrument);

create table work.window_scores as
with nearest as (
    select
        e.episode_id, e.patient_id, s.instrument, s.points, w.outcome_window
    from work.scores as s
    join work.episodes as e on s.patient_id = e.patient_id
    join seeds.outcome_windows as w
        on s.completed_on - e.index_on between w.from_day and w.to_day
    qualify row_number() over (
        partition by e.episode_id, s.instrument, w.outcome_window
        order by
            abs(s.completed_on - e.index_on - w.nominal_day),
            s.completed_on desc, s.assessment_id
    ) = 1
)

select
    episode_id, instrument, max(patient_id) as patient_id,
    max(points) filter (where outcome_window = '6mo') as points_6mo,
    max(points) filter (where outcome_window = '12mo') as points_12mo,
    max(points) filter (where outcome_window = '24mo') as points_24mo
from nearest
group by episode_id, instrument;

create table marts.fct_episode_outcomes as
with bands as (
    select
        column1 as band, column0 as place
    from (values
        (0, 'minimal'), (1, 'mild'), (2, 'moderate'), (3, 'moderately_severe'),
        (4, 'severe'), (5, 'very_severe')
    ) as v(column0, column1)
),

-- how many of an instrument's bands lie below each of them
ranks as (
    select
        i.instrument, b.band,
        (b.place >= 1 and i.mild_from_points is not null)::integer
        + (b.place >= 2 and i.moderate_from_points is not null)::integer
        + (b.place >= 3 and i.moderately_severe_from_points is not null)::integer
        + (b.place >= 4 and i.severe_from_points is not null)::integer
        + (b.place >= 5 and i.very_severe_from_points is not null)::integer
            as bands_below
    from seeds.instruments as i, bands as b
    where coalesce(i.mild_from_points, i.moderate_from_points) is not null
),

paired as (
    select
        m.*,
        b.baseline_source, b.severity_band as baseline_band,
        b.points as baseline_points, b.completed_on as baseline_on,
        l.severity_band as last_band, l.points as last_points,
        l.completed_on as last_on, l.response_on,
        l.response_day as days_to_response,
        w.points_6mo, w.points_12mo, w.points_24mo,
        lr.bands_below - br.bands_below as band_change,
        b.points >= i.response_floor_points as may_respond,
        b.points >= coalesce(i.response_floor_points, i.remission_below_points)
            as may_remit,
        b.points >= i.caseness_from_points as is_case_at_start,
        l.points - b.points as change_points,
        if(i.is_lower_better, b.points - l.points, l.points - b.points)
            as improvement,
        i.remission_below_points, i.reliable_change_points,
        i.caseness_from_points
    from (
        select episode_id, instrument, max(patient_id) as patient_id
        from (
            select episode_id, instrument, patient_id from work.scores
            where episode_id is not null
            union all
            select episode_id, instrument, patient_id from work.baselines
            union all
            select episode_id, instrument, patient_id from work.window_scores
        )
        group by episode_id, instrument
    ) as m
    join seeds.instruments as i using (instrument)
    left join work.baselines as b using (episode_id, instrument)
    left join work.last_scores as l using (episode_id, instrument)
    left join work.window_scores as w using (episode_id, instrument)
    left join ranks as br
        on m.instrument = br.instrument and b.severity_band = br.band
    left join ranks as lr
        on m.instrument = lr.instrument and l.severity_band = lr.band
)

select
    episode_id, patient_id, instrument, baseline_source, baseline_band, last_band,
    baseline_points, last_points, change_points, points_6mo, points_12mo,
    points_24mo, band_change, days_to_response, is_case_at_start,
    if(may_respond, 2 * last_points <= baseline_points, null)
        as is_response_last,
    if(may_respond, 2 * points_6mo <= baseline_points, null) as is_response_6mo,
    if(may_respond, 2 * points_12mo <= baseline_points, null)
        as is_response_12mo,
    if(may_respond, 2 * points_24mo <= baseline_points, null)
        as is_response_24mo,
    if(may_remit, last_points < remission_below_points, null)
        as is_remission_last,
    if(may_remit, points_6mo < remission_below_points, null)
        as is_remission_6mo,
    if(may_remit, points_12mo < remission_below_points, null)
        as is_remission_12mo,
    if(may_remit, points_24mo < remission_below_points, null)
        as is_remission_24mo,
    improvement >= reliable_change_points as is_reliably_improved,
    improvement <= -reliable_change_points as is_reliably_deteriorated,
    if(is_case_at_start, last_points < caseness_from_points, null)
        as is_recovered,
    case
        when
            is_case_at_start
            and (last_points < caseness_from_points) is not null
            and (improvement >= reliable_change_points) is not null
            then
                last_points < caseness_from_points
                and improvement >= reliable_change_points
    end as is_reliably_recovered,
    baseline_on, last_on, response_on
from paired;
