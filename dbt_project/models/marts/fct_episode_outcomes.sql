{#
    One row per episode and instrument with a score: where the person started,
    where they were last seen, where they were at fixed times, and what the
    published thresholds call that.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}

),

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}

),

last_scores as (

    select * from {{ ref('int_episodes_scored_last') }}

),

responses as (

    select * from {{ ref('int_episodes_scored_at_response') }}

),

window_scores as (

    select * from {{ ref('int_episodes_scored_in_windows') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

measured as (

    -- a baseline or a window may hold a score matched to another episode
    select
        episode_id,
        instrument,
        max(patient_id) as patient_id
    from (
        select
            episode_id,
            patient_id,
            instrument
        from assessments
        where
            episode_id is not null
            and points is not null

        union all

        select
            episode_id,
            patient_id,
            instrument
        from baselines

        union all

        select
            episode_id,
            patient_id,
            instrument
        from window_scores
    ) as scored
    group by
        episode_id,
        instrument

),

windows_side_by_side as (

    select
        episode_id,
        instrument,
        max(case when outcome_window = '6mo' then points end) as points_6mo,
        max(case when outcome_window = '12mo' then points end) as points_12mo,
        max(case when outcome_window = '24mo' then points end) as points_24mo
    from window_scores
    group by
        episode_id,
        instrument

),

paired as (

    select
        measured.episode_id,
        measured.patient_id,
        measured.instrument,
        baselines.baseline_source,
        baselines.baseline_points,
        baselines.baseline_on,
        baselines.baseline_band,
        last_scores.last_points,
        last_scores.last_on,
        last_scores.last_band,
        last_scores.last_rank - baselines.baseline_rank as band_change,
        responses.days_to_response,
        responses.response_on,
        windows_side_by_side.points_6mo,
        windows_side_by_side.points_12mo,
        windows_side_by_side.points_24mo,
        instruments.caseness_from_points,
        instruments.remission_below_points,
        instruments.reliable_change_points,
        baselines.baseline_points >= instruments.response_floor_points
            as is_response_eligible,
        -- without a floor: whoever is below the threshold cannot come below it
        baselines.baseline_points >= coalesce(
            instruments.response_floor_points,
            instruments.remission_below_points
        ) as is_remission_eligible,
        baselines.baseline_points >= instruments.caseness_from_points
            as is_case_at_start,
        last_scores.last_points - baselines.baseline_points as change_points,

        -- positive is better, whichever way the instrument counts
        case
            when instruments.is_lower_better
                then baselines.baseline_points - last_scores.last_points
            else last_scores.last_points - baselines.baseline_points
        end as improvement_points

    from measured

    inner join instruments
        on measured.instrument = instruments.instrument

    left join baselines
        on
            measured.episode_id = baselines.episode_id
            and measured.instrument = baselines.instrument

    left join last_scores
        on
            measured.episode_id = last_scores.episode_id
            and measured.instrument = last_scores.instrument

    left join responses
        on
            measured.episode_id = responses.episode_id
            and measured.instrument = responses.instrument

    left join windows_side_by_side
        on
            measured.episode_id = windows_side_by_side.episode_id
            and measured.instrument = windows_side_by_side.instrument

),

classified as (

    -- null, not false: not eligible, not observed, or no published threshold
    select
        *,
        {%- for time, points in [
            ('last', 'last_points'),
            ('6mo', 'points_6mo'),
            ('12mo', 'points_12mo'),
            ('24mo', 'points_24mo'),
        ] %}
            case
                when is_response_eligible
                    then 2 * {{ points }} <= baseline_points
            end as is_response_{{ time }},
            case
                when is_remission_eligible
                    then {{ points }} < remission_below_points
            end as is_remission_{{ time }},
        {%- endfor %}
        improvement_points >= reliable_change_points as is_reliably_improved,
        improvement_points <= -reliable_change_points
            as is_reliably_deteriorated,
        case when is_case_at_start then last_points < caseness_from_points end
            as is_recovered
    from paired

),

final as (

    select
        ---------- ids
        episode_id,
        patient_id,

        ---------- strings
        instrument,
        baseline_source,
        baseline_band,
        last_band,

        ---------- numerics
        baseline_points,
        last_points,
        change_points,
        points_6mo,
        points_12mo,
        points_24mo,
        band_change,
        days_to_response,

        ---------- booleans
        is_case_at_start,
        is_response_last,
        is_response_6mo,
        is_response_12mo,
        is_response_24mo,
        is_remission_last,
        is_remission_6mo,
        is_remission_12mo,
        is_remission_24mo,
        is_reliably_improved,
        is_reliably_deteriorated,
        is_recovered,
        case
            when is_recovered is not null and is_reliably_improved is not null
                then is_recovered and is_reliably_improved
        end as is_reliably_recovered,

        ---------- dates
        baseline_on,
        last_on,
        response_on

    from classified

)

select * from final
