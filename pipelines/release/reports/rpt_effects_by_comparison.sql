-- One row per comparison, outcome, estimator and scale. A withheld effect keeps
-- its row and its reason, and has no numbers. Columns that begin with hiding_ are
-- counts of people that decide what is hidden and are not shown.
with

failed as (

    select
        comparison_id,
        outcome_id,
        population_id,
        estimator_id,
        case
            when
                diagnostic_id in (
                    'people_with_the_outcome',
                    'people_with_the_event',
                    'outcome_observed_share',
                    'outcome_observed_share_difference'
                )
                then
                    'The data do not support it: too few people have the '
                    || 'outcome, or too many are without it. How many is '
                    || 'hidden.'
            when
                diagnostic_id in (
                    'largest_imbalance',
                    'largest_imbalance_weighted',
                    'prognostic_imbalance_weighted'
                )
                then
                    'The two sides differ too much in what was recorded at the '
                    || 'start, even after weighting.'
            when diagnostic_id = 'equipoise'
                then
                    'Too few people could well have had either: those on one '
                    || 'side are hardly found on the other.'
            when diagnostic_id = 'effective_size'
                then
                    'Too few people kept to one of the strategies for them to '
                    || 'stand for everyone.'
            when diagnostic_id = 'largest_weight_share'
                then 'One person would count for too much of the result.'
            when diagnostic_id = 'mean_weight'
                then
                    'The weights do not average to one, so the model of who '
                    || 'stops is not to be trusted.'
        end as told

    from estimates.diagnostics

    where is_passed = false

),

-- How many people a subgroup or another estimate leaves out is a count too.
of_everyone as (

    select
        comparison_id,
        outcome_id,
        max(exposed_count) as exposed_count,
        max(comparator_count) as comparator_count,
        max(exposed_observed_count) as exposed_observed_count,
        max(comparator_observed_count) as comparator_observed_count,
        any_value(round(exposed_level * exposed_observed_count)) filter (
            where scale = 'risk_difference'
        )::bigint as exposed_event_count,
        any_value(round(comparator_level * comparator_observed_count)) filter (
            where scale = 'risk_difference'
        )::bigint as comparator_event_count

    from estimates.effects

    where
        estimator_id = 'unadjusted'
        and population_id = 'all'
        and specification_id = 'protocol'

    group by comparison_id, outcome_id

),

-- A share of those followed times a count is no count: of a time to an event they
-- are counted where its gate counts them.
events as (

    select
        diagnostics.comparison_id,
        diagnostics.outcome_id,
        diagnostics.population_id,
        max(diagnostics.value) filter (
            where diagnostics.arm = stated.exposed_arm
        )::bigint as exposed_event_count,
        max(diagnostics.value) filter (
            where diagnostics.arm = stated.comparator_arm
        )::bigint as comparator_event_count

    from estimates.diagnostics as diagnostics

    inner join stated_comparisons as stated
        on diagnostics.comparison_id = stated.comparison_id

    where diagnostics.diagnostic_id = 'people_with_the_event'

    group by all

),

reasons as (

    select
        effects.comparison_id,
        effects.outcome_id,
        effects.population_id,
        effects.estimator_id,
        string_agg(distinct failed.told, ' ' order by failed.told) as told

    from estimates.effects as effects

    inner join failed
        on
            effects.comparison_id = failed.comparison_id
            and effects.population_id = failed.population_id
            and coalesce(failed.outcome_id, effects.outcome_id)
            = effects.outcome_id
            and coalesce(failed.estimator_id, effects.estimator_id)
            = effects.estimator_id

    where effects.is_withheld

    group by all

)

select
    effects.comparison_id,
    effects.outcome_id,
    effects.population_id,
    effects.estimator_id,
    effects.specification_id,
    effects.scale,
    effects.exposed_count,
    effects.comparator_count,
    effects.exposed_observed_count,
    effects.comparator_observed_count,
    round(effects.exposed_effective_size)::bigint as exposed_effective_count,
    round(effects.comparator_effective_size)::bigint
        as comparator_effective_count,
    case
        when
            effects.scale = 'risk_difference'
            and effects.estimator_id = 'unadjusted'
            then
                case
                    when events.comparison_id is null
                        then
                            round(
                                effects.exposed_level
                                * effects.exposed_observed_count
                            )
                            ::bigint
                    when effects.exposed_level is not null
                        then events.exposed_event_count
                end
    end as exposed_event_count,
    case
        when
            effects.scale = 'risk_difference'
            and effects.estimator_id = 'unadjusted'
            then
                case
                    when events.comparison_id is null
                        then
                            round(
                                effects.comparator_level
                                * effects.comparator_observed_count
                            )
                            ::bigint
                    when effects.comparator_level is not null
                        then events.comparator_event_count
                end
    end as comparator_event_count,
    effects.exposed_level,
    effects.comparator_level,
    effects.estimate,
    effects.estimate_low,
    effects.estimate_high,
    effects.p_value,
    effects.p_value_holm,
    effects.is_randomised,
    effects.is_primary,
    effects.is_withheld,
    effects.withheld_reason,
    reasons.told as reason_without_counts,
    case
        when effects.population_id <> 'all'
            then of_everyone.exposed_count - effects.exposed_count
    end as hiding_exposed_left_out_count,
    case
        when effects.population_id <> 'all'
            then of_everyone.comparator_count - effects.comparator_count
    end as hiding_comparator_left_out_count,
    case
        when effects.population_id <> 'all'
            then
                of_everyone.exposed_observed_count
                - effects.exposed_observed_count
    end as hiding_exposed_observed_left_out_count,
    case
        when effects.population_id <> 'all'
            then
                of_everyone.comparator_observed_count
                - effects.comparator_observed_count
    end as hiding_comparator_observed_left_out_count,
    of_everyone.exposed_count - effects.exposed_count
        as hiding_exposed_dropped_count,
    of_everyone.comparator_count - effects.comparator_count
        as hiding_comparator_dropped_count,
    of_everyone.exposed_observed_count - effects.exposed_observed_count
        as hiding_exposed_observed_dropped_count,
    of_everyone.comparator_observed_count - effects.comparator_observed_count
        as hiding_comparator_observed_dropped_count,
    coalesce(events.exposed_event_count, of_everyone.exposed_event_count)
        as hiding_exposed_event_count,
    of_everyone.exposed_observed_count
    - coalesce(events.exposed_event_count, of_everyone.exposed_event_count)
        as hiding_exposed_rest_count,
    coalesce(events.comparator_event_count, of_everyone.comparator_event_count)
        as hiding_comparator_event_count,
    of_everyone.comparator_observed_count
    - coalesce(
        events.comparator_event_count, of_everyone.comparator_event_count
    )
        as hiding_comparator_rest_count,
    case
        when effects.scale in ('risk_difference', 'risk_ratio')
            then
                round(effects.exposed_level * effects.exposed_observed_count)
                ::bigint
    end as hiding_exposed_level_count,
    case
        when effects.scale in ('risk_difference', 'risk_ratio')
            then
                round(
                    (1 - effects.exposed_level) * effects.exposed_observed_count
                )
                ::bigint
    end as hiding_exposed_level_rest_count,
    case
        when effects.scale in ('risk_difference', 'risk_ratio')
            then
                round(
                    effects.comparator_level * effects.comparator_observed_count
                )
                ::bigint
    end as hiding_comparator_level_count,
    case
        when effects.scale in ('risk_difference', 'risk_ratio')
            then
                round(
                    (1 - effects.comparator_level)
                    * effects.comparator_observed_count
                )
                ::bigint
    end as hiding_comparator_level_rest_count

from estimates.effects as effects

left join of_everyone
    on
        effects.comparison_id = of_everyone.comparison_id
        and effects.outcome_id = of_everyone.outcome_id

left join events
    on
        effects.comparison_id = events.comparison_id
        and effects.outcome_id = events.outcome_id
        and effects.population_id = events.population_id

left join reasons
    on
        effects.comparison_id = reasons.comparison_id
        and effects.outcome_id = reasons.outcome_id
        and effects.population_id = reasons.population_id
        and effects.estimator_id = reasons.estimator_id
