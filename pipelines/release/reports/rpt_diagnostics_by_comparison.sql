-- One row per check or number behind an estimate, of those that a page tells.
-- Numbers of people stand in people_count, everything else in value. Columns that
-- begin with hiding_ decide what is hidden and are not shown: how many people the
-- row is about, and how many of them a share counts. Where that is not known the
-- row is hidden. What was made from an estimate goes with the estimate.
with

told as (

    select
        *,
        diagnostic_id in (
            'people_with_the_outcome',
            'people_with_the_event',
            'left_out_without_counterpart',
            'left_out_where_not_possible',
            'effective_size'
        ) as is_count,
        diagnostic_id in (
            'outcome_observed_share',
            'return_share',
            'reentered_share',
            'dropped_out_share',
            'followed_half_share',
            'found_at_return_share',
            'equipoise'
        ) as is_share,
        diagnostic_id in (
            'e_value',
            'e_value_of_limit',
            'tipping_point_points',
            'specifications_agreeing_in_sign',
            'specifications_within_interval',
            'negative_control_alarm'
        ) as is_of_an_estimate

    from estimates.diagnostics

    where
        is_count
        or is_share
        or is_of_an_estimate
        or diagnostic_id in (
            'outcome_observed_share_difference',
            'largest_imbalance',
            'largest_imbalance_weighted',
            'prognostic_imbalance_weighted',
            'largest_weight_share',
            'mean_weight',
            'sessions_mean',
            'scores_per_90_days',
            'gate_overridden',
            'holm_family_size'
        )
        or starts_with(diagnostic_id, 'standardised_difference_')
        or starts_with(diagnostic_id, 'weighted_standardised_difference_')

),

people as (

    select
        comparison_id,
        outcome_id,
        population_id,
        max(exposed_count) as exposed_count,
        max(comparator_count) as comparator_count,
        max(exposed_observed_count) as exposed_observed_count,
        max(comparator_observed_count) as comparator_observed_count,
        bool_or(is_primary) as is_primary

    from estimates.effects

    where specification_id = 'protocol'

    group by comparison_id, outcome_id, population_id

),

shown as (

    select distinct
        comparison_id,
        outcome_id,
        population_id,
        estimator_id

    from reports.rpt_effects_by_comparison

    where estimate is not null and specification_id = 'protocol'

),

joined as (

    select
        told.*,
        people.exposed_count,
        people.exposed_observed_count,
        people.comparator_count,
        people.comparator_observed_count,
        -- A row without an arm, or of an arm nobody names, is about both.
        not coalesce(told.arm = stated.comparator_arm, false) as is_of_exposed,
        not coalesce(told.arm = stated.exposed_arm, false) as is_of_comparator,
        shown.estimator_id is not null as is_shown

    from told

    left join stated_comparisons as stated
        on told.comparison_id = stated.comparison_id

    left join people
        on
            told.comparison_id = people.comparison_id
            and told.population_id = people.population_id
            and case
                when told.outcome_id is null then people.is_primary
                else told.outcome_id = people.outcome_id
            end

    left join shown
        on
            told.comparison_id = shown.comparison_id
            and told.population_id = shown.population_id
            and coalesce(told.outcome_id, stated.primary_outcome_id)
            = shown.outcome_id
            and coalesce(told.estimator_id, stated.primary_estimator_id)
            = shown.estimator_id

),

counted as (

    select
        *,
        case when is_of_exposed then coalesce(exposed_count, 1) else 0 end
            as exposed_people,
        case
            when is_of_exposed then coalesce(exposed_observed_count, 1) else 0
        end as exposed_observed,
        case when is_of_comparator then coalesce(comparator_count, 1) else 0 end
            as comparator_people,
        case
            when is_of_comparator
                then coalesce(comparator_observed_count, 1)
            else 0
        end as comparator_observed

    from joined

)

select
    comparison_id,
    outcome_id,
    population_id,
    estimator_id,
    diagnostic_id,
    arm,
    case when is_count then round(value)::bigint end as people_count,
    case
        when not is_count and (is_shown or not is_of_an_estimate) then value
    end as value,
    limit_low,
    limit_high,
    is_passed,
    note,
    case
        when not regexp_matches(note, '[0-9]') then note
    end as note_without_counts,
    exposed_people as hiding_exposed_count,
    exposed_observed as hiding_exposed_observed_count,
    exposed_people - exposed_observed as hiding_exposed_unobserved_count,
    comparator_people as hiding_comparator_count,
    comparator_observed as hiding_comparator_observed_count,
    comparator_people - comparator_observed
        as hiding_comparator_unobserved_count,
    case
        when is_share
            then round(value * (exposed_people + comparator_people))::bigint
    end as hiding_part_count,
    case
        when is_share
            then
                round((1 - value) * (exposed_people + comparator_people))
                ::bigint
        when diagnostic_id = 'people_with_the_event'
            then round(exposed_observed + comparator_observed - value)::bigint
    end as hiding_rest_count

from counted
