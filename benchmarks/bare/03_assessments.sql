-- Questionnaires scored from their answers and given to an episode.

create table work.assessments as
with current_rows as (
    select a.*
    from raw.assessments as a
    join work.current_loads as l
        on a.load_id = l.load_id and l.feed = 'assessments'
    qualify row_number() over (
        partition by a.source, a.assessment_id order by l.age
    ) = 1
),

-- only the instrument's own answers count
answered as (
    select
        a.* exclude (load_id, is_deleted),
        i.* exclude (instrument),
        if(item_count >= 1, item_1, null) as own_1,
        if(item_count >= 2, item_2, null) as own_2,
        if(item_count >= 3, item_3, null) as own_3,
        if(item_count >= 4, item_4, null) as own_4,
        if(item_count >= 5, item_5, null) as own_5,
        if(item_count >= 6, item_6, null) as own_6,
        if(item_count >= 7, item_7, null) as own_7,
        if(item_count >= 8, item_8, null) as own_8,
        if(item_count >= 9, item_9, null) as own_9,
        if(item_count >= 10, item_10, null) as own_10,
        if(item_count >= 11, item_11, null) as own_11,
        if(item_count >= 12, item_12, null) as own_12,
        if(item_count >= 13, item_13, null) as own_13,
        if(item_count >= 14, item_14, null) as own_14,
        if(item_count >= 15, item_15, null) as own_15,
        if(item_count >= 16, item_16, null) as own_16,
        if(item_count >= 17, item_17, null) as own_17,
        if(item_count >= 18, item_18, null) as own_18,
        if(item_count >= 19, item_19, null) as own_19,
        if(item_count >= 20, item_20, null) as own_20,
        if(item_count >= 21, item_21, null) as own_21
    from current_rows as a
    semi join work.patients as p on a.patient_id = p.patient_id
    join (
        select
            *,
            string_split(short_items, ' ')::integer[] as short_list
        from seeds.instruments
    ) as i on a.instrument = i.instrument
    where not coalesce(a.is_deleted, false)
),

summed as (
    select
        *,
        coalesce(own_1, 0) + coalesce(own_2, 0) + coalesce(own_3, 0) +
        coalesce(own_4, 0) + coalesce(own_5, 0) + coalesce(own_6, 0) +
        coalesce(own_7, 0) + coalesce(own_8, 0) + coalesce(own_9, 0) +
        coalesce(own_10, 0) + coalesce(own_11, 0) + coalesce(own_12, 0) +
        coalesce(own_13, 0) + coalesce(own_14, 0) + coalesce(own_15, 0) +
        coalesce(own_16, 0) + coalesce(own_17, 0) + coalesce(own_18, 0) +
        coalesce(own_19, 0) + coalesce(own_20, 0) + coalesce(own_21, 0)
            as answered_points,
        (own_1 is not null)::integer + (own_2 is not null)::integer +
        (own_3 is not null)::integer + (own_4 is not null)::integer +
        (own_5 is not null)::integer + (own_6 is not null)::integer +
        (own_7 is not null)::integer + (own_8 is not null)::integer +
        (own_9 is not null)::integer + (own_10 is not null)::integer +
        (own_11 is not null)::integer + (own_12 is not null)::integer +
        (own_13 is not null)::integer + (own_14 is not null)::integer +
        (own_15 is not null)::integer + (own_16 is not null)::integer +
        (own_17 is not null)::integer + (own_18 is not null)::integer +
        (own_19 is not null)::integer + (own_20 is not null)::integer +
        (own_21 is not null)::integer
            as answered_items_count,
        coalesce(least(
            own_1, own_2, own_3, own_4, own_5, own_6, own_7, own_8, own_9,
            own_10, own_11, own_12, own_13, own_14, own_15, own_16, own_17,
            own_18, own_19, own_20, own_21
        ) < item_min_points, false)
        or coalesce(greatest(
            own_1, own_2, own_3, own_4, own_5, own_6, own_7, own_8, own_9,
            own_10, own_11, own_12, own_13, own_14, own_15, own_16, own_17,
            own_18, own_19, own_20, own_21
        ) > item_max_points, false)
        or case
            when short_list is null then false
            else coalesce(list_max(list_select([
            own_1, own_2, own_3, own_4, own_5, own_6, own_7, own_8, own_9,
            own_10, own_11, own_12, own_13, own_14, own_15, own_16, own_17,
            own_18, own_19, own_20, own_21
            ], short_list)) > short_item_max_points, false)
        end as has_impossible_answer,
        -- the most that answers not given could add
        (item_count - answered_items_count) * item_max_points
        - case
            when short_list is null then 0
            else
                (item_max_points - short_item_max_points)
                * (len(short_list) - list_count(list_select([
                    own_1, own_2, own_3, own_4, own_5, own_6, own_7, own_8,
                    own_9, own_10, own_11, own_12, own_13, own_14, own_15,
                    own_16, own_17, own_18, own_19, own_20, own_21
                ], short_list)))
        end as missing_max_points,
        coalesce(
            item_9 not between item_min_points and case
                when item_count < 9 then null
                when list_contains(short_list, 9) then short_item_max_points
                else item_max_points
            end, false
        ) as is_item_9_impossible
    from answered
),

derived as (
    select
        *,
        total_rule = 'sum' and answered_items_count < item_count as is_prorated,
        case
            when has_impossible_answer then null
            when total_rule = 'item_3' then item_3
            when
                total_rule = 'sum'
                and item_count - answered_items_count
                <= coalesce(prorated_items_max, 0)
                then
                    item_count * answered_points * 1.0
                    / nullif(answered_items_count, 0)
            when total_rule = 'percent' and answered_items_count = item_count
                then
                    (answered_points - item_count * item_min_points) * 100.0
                    / (item_count * (item_max_points - item_min_points))
            when
                total_rule = 'qids_domains'
                and item_1 + item_2 + item_3 + item_4 + item_15 + item_16
                is not null
                and coalesce(item_6, item_7) is not null
                and coalesce(item_8, item_9) is not null
                then
                    greatest(item_1, item_2, item_3, item_4)
                    + greatest(item_6, item_7, item_8, item_9)
                    + greatest(item_15, item_16)
                    + item_5 + item_10 + item_11 + item_12 + item_13 + item_14
        end as exact_points
    from summed
),

-- no missing answer makes a sum larger than it can be, or turns too few into all
judged as (
    select
        *,
        round(exact_points)::integer as derived_points,
        coalesce(
            abs(total_points - exact_points) >= 1 and not is_prorated, false
        )
        or coalesce(
            total_rule = 'sum'
            and total_points not between
            answered_points
            + (item_count - answered_items_count) * item_min_points
            and answered_points + missing_max_points, false
        ) as is_contradicted,
        coalesce(
            total_rule = 'sum'
            and answered_items_count > 0
            and item_count - answered_items_count > coalesce(prorated_items_max, 0)
            and total_points = answered_points, false
        ) as is_sum_of_too_few
    from derived
),

totalled as (
    select
        *,
        if(
            has_impossible_answer or is_contradicted or is_sum_of_too_few,
            null, coalesce(total_points, derived_points)
        ) as points
    from judged
),

scored as (
    select
        assessment_id, patient_id, episode_id as sent_episode_id, session_id,
        source, instrument, collection_reason, points,
        total_points as recorded_points, derived_points, answered_items_count,
        completed_on,
        case
            when has_impossible_answer then 'impossible'
            when is_contradicted then 'conflicting'
            when is_sum_of_too_few then 'incomplete'
            when total_points is not null then 'recorded'
            when derived_points is not null and is_prorated then 'prorated'
            when derived_points is not null then 'items'
            else 'incomplete'
        end as points_source,
        case
            when points >= very_severe_from_points then 'very_severe'
            when points >= severe_from_points then 'severe'
            when points >= moderately_severe_from_points
                then 'moderately_severe'
            when points >= moderate_from_points then 'moderate'
            when points >= mild_from_points then 'mild'
            when points < coalesce(mild_from_points, moderate_from_points)
                then 'minimal'
        end as severity_band,
        case
            when instrument != 'phq9' then null
            when item_9 is null or is_item_9_impossible then 'missing'
            when item_9 >= getvariable('frequent_suicidal_thoughts_from_points')
                then 'frequent'
            when item_9 >= getvariable('any_suicidal_thoughts_from_points')
                then 'any'
            else 'none'
        end as item_9_state,
        if(is_item_9_impossible, null, item_9) as item_9_points,
        case
            when points is null then false
            when total_points is null then not is_prorated
            else answered_items_count in (0, item_count)
        end as is_whole_total
    from totalled
),

-- sent with the questionnaire, or with its session
known as (
    select
        s.* exclude (sent_episode_id),
        coalesce(e.episode_id, v.episode_id) as known_episode_id
    from scored as s
    left join work.episodes as e on s.sent_episode_id = e.episode_id
    left join (
        select session_id, patient_id, episode_id
        from work.sessions
        semi join work.episodes using (episode_id)
    ) as v on s.session_id = v.session_id and s.patient_id = v.patient_id
),

-- else under way or about to start, else waiting, else over
guessed as (
    select k.assessment_id, e.episode_id
    from known as k
    join work.episodes as e on k.patient_id = e.patient_id
    join work.ends as n on e.episode_id = n.episode_id
    where
        k.known_episode_id is null
        and (
            e.index_on - k.completed_on <= getvariable('baseline_days_before')
            or coalesce(e.referred_on <= k.completed_on, false)
        )
    qualify row_number() over (
        partition by k.assessment_id
        order by
            case
                when
                    e.index_on - k.completed_on
                    > getvariable('baseline_days_before')
                    then 2
                when k.completed_on > n.known_end_on then 3
                else 1
            end,
            e.index_on desc, e.episode_id
    ) = 1
)

select k.* exclude (known_episode_id), e.episode_id, e.index_on
from known as k
left join guessed as g on k.assessment_id = g.assessment_id
left join work.episodes as e
    on coalesce(k.known_episode_id, g.episode_id) = e.episode_id;

create table marts.fct_assessments as
select
    assessment_id, patient_id, episode_id, session_id, source, instrument,
    collection_reason, points_source, severity_band, item_9_state, points,
    recorded_points, derived_points, answered_items_count, item_9_points,
    (completed_on - index_on)::integer as days_since_start,
    is_whole_total,
    case
        when item_9_state != 'missing'
            then item_9_state in ('any', 'frequent')
    end as has_any_suicidal_thoughts,
    case when item_9_state != 'missing' then item_9_state = 'frequent' end
        as has_frequent_suicidal_thoughts,
    completed_on
from work.assessments;
