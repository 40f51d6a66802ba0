{#
    One row per questionnaire with its total: the recorded one, or, where only
    answers were sent, the one they make. A total is not used where its own
    complete answers contradict it, or where an answer lies outside its item's
    range; what was sent is kept. Nor is one that its incomplete answers cannot
    make, or one that is no more than their sum. Only the instrument's own items
    count: the PHQ-9's question on impairment, sent as item 10, is never summed.
#}

with

assessments as (

    select * from {{ ref('stg_assessments') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

item_rules as (

    -- the highest answer to each item; null beyond the instrument's own items
    select
        {% for n in range(1, 22) -%}
            case
                when item_count < {{ n }} then null
                when concat(' ', short_items, ' ') like '% {{ n }} %'
                    then short_item_max_points
                else item_max_points
            end as max_{{ n }},
        {% endfor -%}
        *
    from instruments

),

counted as (

    select
        assessments.*,
        item_rules.item_count,
        item_rules.item_min_points,
        item_rules.item_max_points,
        item_rules.total_rule,
        item_rules.prorated_items_max,
        item_rules.mild_from_points,
        item_rules.moderate_from_points,
        item_rules.moderately_severe_from_points,
        item_rules.severe_from_points,
        item_rules.very_severe_from_points,
        {% for n in range(1, 22) -%}
            case
                when item_rules.item_count >= {{ n }}
                    then coalesce(assessments.item_{{ n }}, 0)
                else 0
            end
            {%- if not loop.last %} + {% endif %}
        {%- endfor %} as answered_points,
        {% for n in range(1, 22) -%}
            case
                when assessments.item_{{ n }} is null then 0
                when item_rules.item_count >= {{ n }} then 1
                else 0
            end
            {%- if not loop.last %} + {% endif %}
        {%- endfor %} as answered_items_count,
        -- the most that the answers not given could add
        {% for n in range(1, 22) -%}
            case
                when assessments.item_{{ n }} is null
                    then coalesce(item_rules.max_{{ n }}, 0)
                else 0
            end
            {%- if not loop.last %} + {% endif %}
        {%- endfor %} as missing_max_points,
        {% for n in range(1, 22) -%}
            coalesce(
                item_rules.item_count >= {{ n }}
                and not assessments.item_{{ n }}
                between item_rules.item_min_points and item_rules.max_{{ n }},
                false
            )
            {%- if not loop.last %} or {% endif %}
        {%- endfor %} as has_impossible_answer,
        coalesce(
            not assessments.item_9
            between item_rules.item_min_points and item_rules.max_9,
            false
        ) as is_item_9_impossible
    from assessments

    inner join item_rules
        on assessments.instrument = item_rules.instrument

),

derived as (

    select
        *,
        case
            when has_impossible_answer then null
            when total_rule = 'item_3' then item_3
            when total_rule = 'sum' and answered_items_count = item_count
                then answered_points
            when
                total_rule = 'sum'
                and item_count - answered_items_count <= prorated_items_max
                then item_count * answered_points * 1.0 / answered_items_count
            when total_rule = 'percent' and answered_items_count = item_count
                then
                    (answered_points - item_count * item_min_points) * 100.0
                    / (item_count * (item_max_points - item_min_points))
            -- more or less appetite, more or less weight: one of each is asked
            when
                total_rule = 'qids_domains'
                and item_1 + item_2 + item_3 + item_4 + item_15 + item_16
                is not null
                and coalesce(item_6, item_7) is not null
                and coalesce(item_8, item_9) is not null
                then
                    greatest(item_1, item_2, item_3, item_4)
                    + greatest(
                        coalesce(item_6, 0),
                        coalesce(item_7, 0),
                        coalesce(item_8, 0),
                        coalesce(item_9, 0)
                    )
                    + greatest(item_15, item_16)
                    + item_5 + item_10 + item_11 + item_12 + item_13 + item_14
        end as exact_points,
        total_rule = 'sum'
        and answered_items_count < item_count as is_prorated
    from counted

),

compared as (

    select
        *,
        -- rounds half up: no total is negative
        cast(round(exact_points) as integer) as derived_points,
        -- a percentage may be recorded rounded either way; a prorated total is
        -- an estimate, so it contradicts nothing
        coalesce(
            abs(total_points - exact_points) >= 1 and not is_prorated, false
        )
        -- no answer that is missing could make the sum so small or so large
        or coalesce(
            total_rule = 'sum'
            and not total_points
            between answered_points
            + (item_count - answered_items_count) * item_min_points
            and answered_points + missing_max_points,
            false
        ) as is_contradicted,
        coalesce(
            total_rule = 'sum'
            and answered_items_count > 0
            and item_count - answered_items_count
            > coalesce(prorated_items_max, 0)
            and total_points = answered_points,
            false
        ) as is_sum_of_too_few
    from derived

),

totalled as (

    select
        *,
        case
            when has_impossible_answer or is_contradicted then null
            when not is_sum_of_too_few
                then coalesce(total_points, derived_points)
        end as points
    from compared

),

scored as (

    select
        ---------- ids
        assessment_id,
        patient_id,
        episode_id,
        session_id,

        ---------- strings
        source,
        instrument,
        collection_reason,
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
        -- only the PHQ-9 asks this as item 9; not answered is never "none"
        case
            when instrument != 'phq9' then null
            when item_9 is null or is_item_9_impossible then 'missing'
            when
                item_9
                >= {{ threshold('frequent_suicidal_thoughts_from_points') }}
                then 'frequent'
            when item_9 >= {{ threshold('any_suicidal_thoughts_from_points') }}
                then 'any'
            else 'none'
        end as item_9_state,

        ---------- numerics
        points,
        total_points as recorded_points,
        derived_points,
        answered_items_count,
        case when not is_item_9_impossible then item_9 end as item_9_points,
        -- how many of the instrument's own bands lie below
        case
            when points is null then null
            when coalesce(mild_from_points, moderate_from_points) is null
                then null
            else
                {% for band in [
                    'mild', 'moderate', 'moderately_severe', 'severe',
                    'very_severe',
                ] -%}
                    case
                        when points >= {{ band }}_from_points then 1 else 0
                    end
                    {%- if not loop.last %} + {% endif %}
                {%- endfor %}
        end as severity_rank,

        ---------- booleans
        -- every answer that the instrument asks for, or none was sent
        case
            when points is null then false
            when total_points is null then not is_prorated
            else answered_items_count in (0, item_count)
        end as is_whole_total,

        ---------- dates
        completed_on

    from totalled

)

select * from scored
