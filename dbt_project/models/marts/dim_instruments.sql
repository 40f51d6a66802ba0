{# One row per questionnaire, with the numbers that the outcomes use. #}

with

instruments as (

    select * from {{ ref('instruments') }}

),

final as (

    select
        ---------- ids
        instrument,

        ---------- strings
        name,
        range_source,
        total_rule,
        items_source,
        recall_window_source,
        caseness_source,
        bands_source,
        response_floor_source,
        remission_source,
        relapse_source,
        reliable_change_source,
        recovery_role,
        recovery_role_source,
        minimal_important_difference_source,
        short_items,
        note,

        ---------- numerics
        min_points,
        max_points,
        item_count,
        item_min_points,
        item_max_points,
        short_item_max_points,
        prorated_items_max,
        recall_window_days,
        caseness_from_points,
        mild_from_points,
        moderate_from_points,
        moderately_severe_from_points,
        severe_from_points,
        very_severe_from_points,
        response_floor_points,
        remission_below_points,
        relapse_from_points,
        reliable_change_points,
        minimal_important_difference_points,
        minimal_important_difference_share,

        ---------- booleans
        is_lower_better

    from instruments

)

select * from final
