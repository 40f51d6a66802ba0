{#
    One row per questionnaire with its total: the recorded one, or, where only
    answers were sent, the one they make. A recorded total that its own complete
    answers contradict is not used; both numbers are kept.
#}

with

assessments as (

    select * from {{ ref('stg_assessments') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

counted as (

    select
        assessments.*,
        instruments.item_count,
        instruments.total_rule,
        instruments.prorated_items_max,
        {% for n in range(1, 22) -%}
            coalesce(assessments.item_{{ n }}, 0)
            {%- if not loop.last %} + {% endif %}
        {%- endfor %} as answered_points,
        {% for n in range(1, 22) -%}
            case when assessments.item_{{ n }} is null then 0 else 1 end
            {%- if not loop.last %} + {% endif %}
        {%- endfor %} as answered_items_count
    from assessments

    inner join instruments
        on assessments.instrument = instruments.instrument

),

derived as (

    select
        *,
        case
            when total_rule = 'item_3' then item_3
            when total_rule = 'sum' and answered_items_count = item_count
                then answered_points
            -- rounds half up: totals are not negative where answers may miss
            when
                total_rule = 'sum'
                and item_count - answered_items_count <= prorated_items_max
                then
                    cast(
                        round(
                            item_count * answered_points * 1.0
                            / nullif(answered_items_count, 0)
                        ) as integer
                    )
        end as derived_points,
        total_rule = 'sum'
        and answered_items_count < item_count as is_prorated
    from counted

),

compared as (

    select
        *,
        -- a prorated total is an estimate, so it contradicts nothing
        coalesce(
            total_points != derived_points and not is_prorated, false
        ) as is_contradicted
    from derived

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
            when is_contradicted then 'conflicting'
            when total_points is not null then 'recorded'
            when derived_points is not null and is_prorated then 'prorated'
            when derived_points is not null then 'items'
            else 'incomplete'
        end as points_source,

        ---------- numerics
        case
            when not is_contradicted then coalesce(total_points, derived_points)
        end as points,
        total_points as recorded_points,
        derived_points,
        answered_items_count,
        item_9 as item_9_points,

        ---------- dates
        completed_on

    from compared

)

select * from scored
