{#
    One row per unit of the service's comparisons with what every one of their
    marts has: what was known on day 0, which outcomes are due, what was seen of
    them, and the last score before each. Null where an outcome is not due or
    was not seen.
#}

with

units as (

    select * from {{ ref('int_units_started') }}

),

descriptions as (

    select * from {{ ref('int_units_described_at_day_0') }}

),

window_scores as (

    select * from {{ ref('int_units_scored_without_returns') }}

),

earlier_scores as (

    select * from {{ ref('int_units_scored_before_windows') }}

),

two_years as (

    select * from {{ ref('int_units_followed_for_two_years') }}

),

injuries as (

    select * from {{ ref('int_units_injured') }}

),

attended as (

    select * from {{ ref('int_units_attended') }}

),

end_kinds as (

    select * from {{ ref('int_episodes_dropped_out') }}

),

outcome_windows as (

    select * from {{ ref('outcome_windows') }}

),

instruments as (

    select * from {{ ref('instruments') }}
    where instrument = 'phq9'

),

due as (

    select
        units.unit_id,
        {%- for window in ['6mo', '12mo', '24mo'] %}
            bool_or(
                outcome_windows.outcome_window = '{{ window }}'
                and coalesce(
                    units.followed_days >= outcome_windows.to_day, false
                )
            ) as is_due_{{ window }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from units

    cross join outcome_windows

    group by units.unit_id

),

scored as (

    select
        unit_id,
        {%- for instrument, window in [
            ('phq9', '6mo'),
            ('phq9', '12mo'),
            ('phq9', '24mo'),
            ('gad7', '12mo'),
            ('wsas', '12mo'),
            ('wsas', '24mo'),
            ('swls', '12mo'),
            ('swls', '24mo'),
        ] %}
            max(
                case
                    when
                        instrument = '{{ instrument }}'
                        and outcome_window = '{{ window }}'
                        then points
                end
            ) as {{ instrument }}_points_{{ window }},
        {%- endfor %}
        max(
            case
                when instrument = 'phq9' and outcome_window = '12mo'
                    then item_9_points
            end
        ) as phq9_item_9_points_12mo,
        bool_or(
            instrument = 'phq9'
            and outcome_window = '12mo'
            and has_return_score
        ) as has_return_score_12mo
    from window_scores
    group by unit_id

),

scored_before as (

    select
        unit_id,
        {%- for window in ['6mo', '12mo', '24mo'] %}
            {%- for column, name in [
                ('last_points', 'last_phq9_points'),
                ('last_age_days', 'last_phq9_age_days'),
                ('recent_scores_count', 'recent_phq9_count'),
                ('mean_points', 'mean_phq9_points'),
            ] %}
                max(
                    case
                        when outcome_window = '{{ window }}' then {{ column }}
                    end
                ) as {{ name }}_before_{{ window }}
                {%- if not loop.last %},{% endif %}
            {%- endfor %}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from earlier_scores
    group by unit_id

),

final as (

    select
        ---------- ids
        units.unit_id,
        units.episode_id,
        units.patient_id,
        units.cluster_id,
        units.site_id,

        ---------- strings
        units.source,
        descriptions.payer,
        descriptions.modality,
        descriptions.format,
        descriptions.delivery_mode,
        descriptions.intended_length,

        ---------- numerics
        units.followed_days,
        units.baseline_points as baseline_phq9_points,
        units.item_9_points as baseline_phq9_item_9_points,
        descriptions.baseline_gad7_points,
        descriptions.baseline_wsas_points,
        descriptions.age_at_start_years,
        descriptions.deprivation_quintile,
        descriptions.current_episode_months,
        descriptions.prior_episodes_count,
        descriptions.adequate_trials_count,
        descriptions.wait_to_first_days,
        descriptions.start_year,
        scored.phq9_points_6mo,
        scored.phq9_points_12mo,
        scored.phq9_points_24mo,
        scored.gad7_points_12mo,
        scored.wsas_points_12mo,
        scored.wsas_points_24mo,
        scored.swls_points_12mo,
        scored.swls_points_24mo,
        scored_before.last_phq9_points_before_6mo,
        scored_before.last_phq9_points_before_12mo,
        scored_before.last_phq9_points_before_24mo,
        scored_before.last_phq9_age_days_before_6mo,
        scored_before.last_phq9_age_days_before_12mo,
        scored_before.last_phq9_age_days_before_24mo,
        coalesce(scored_before.recent_phq9_count_before_6mo, 0)
            as recent_phq9_count_before_6mo,
        coalesce(scored_before.recent_phq9_count_before_12mo, 0)
            as recent_phq9_count_before_12mo,
        coalesce(scored_before.recent_phq9_count_before_24mo, 0)
            as recent_phq9_count_before_24mo,
        scored_before.mean_phq9_points_before_6mo,
        scored_before.mean_phq9_points_before_12mo,
        scored_before.mean_phq9_points_before_24mo,
        case when due.is_due_12mo then attended.sessions_12mo_count end
            as sessions_12mo_count,

        ---------- booleans
        units.is_trial_month,
        units.is_therapy_started,
        descriptions.is_female,
        descriptions.is_chronic,
        descriptions.is_treatment_resistant,
        descriptions.is_severe,
        descriptions.has_failed_prior_episode,
        descriptions.is_on_medication_at_start,
        descriptions.has_prior_medication,
        descriptions.has_panic_disorder,
        due.is_due_6mo,
        due.is_due_12mo,
        due.is_due_24mo,
        {%- for window in ['6mo', '12mo', '24mo'] %}
            2 * scored.phq9_points_{{ window }} <= units.baseline_points
                as is_phq9_response_{{ window }},
        {%- endfor %}
        scored.phq9_points_12mo < instruments.remission_below_points
            as is_phq9_remission_12mo,
        scored.phq9_points_12mo - units.baseline_points
        >= instruments.reliable_change_points as is_phq9_deterioration_12mo,
        scored.phq9_item_9_points_12mo
        >= {{ threshold('any_suicidal_thoughts_from_points') }}
            as is_phq9_item_9_12mo,
        two_years.is_not_well as is_phq9_not_well_24mo,
        case when due.is_due_12mo then injuries.is_injured end
            as is_injury_12mo,
        case
            when due.is_due_12mo
                then coalesce(scored.has_return_score_12mo, false)
        end as is_return_score_12mo,
        end_kinds.is_dropped_out,

        ---------- dates
        units.index_on

    from units

    inner join descriptions
        on units.unit_id = descriptions.unit_id

    inner join due
        on units.unit_id = due.unit_id

    cross join instruments

    left join scored
        on units.unit_id = scored.unit_id

    left join scored_before
        on units.unit_id = scored_before.unit_id

    left join two_years
        on units.unit_id = two_years.unit_id

    left join injuries
        on units.unit_id = injuries.unit_id

    left join attended
        on units.unit_id = attended.unit_id

    left join end_kinds
        on units.episode_id = end_kinds.episode_id

)

select * from final
