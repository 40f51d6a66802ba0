{#
    One row per finished course of therapy with its outcomes as NHS Talking
    Therapies counts them, on two measures, and on the PHQ-9 alone.
#}

with

courses as (

    select * from {{ ref('int_episodes_finished') }}

),

scores as (

    select * from {{ ref('int_episodes_scored_first_and_last') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

rules as (

    select
        max(
            case when recovery_role = 'depression' then caseness_from_points end
        ) as phq9_caseness,
        max(case when recovery_role = 'anxiety' then caseness_from_points end)
            as anxiety_caseness,
        max(
            case
                when recovery_role = 'depression' then reliable_change_points
            end
        ) as phq9_change,
        max(case when recovery_role = 'anxiety' then reliable_change_points end)
            as anxiety_change
    from instruments

),

paired as (

    select
        courses.*,
        depression.first_points as first_phq9_points,
        depression.last_points as last_phq9_points,
        anxiety.instrument as anxiety_instrument,
        anxiety.first_points as first_anxiety_points,
        anxiety.last_points as last_anxiety_points,
        depression.last_points is not null
        and anxiety.last_points is not null as has_paired_scores,
        depression.first_points - depression.last_points
            as phq9_improvement,
        anxiety.first_points - anxiety.last_points as anxiety_improvement,

        -- a measure that a source never uses is not measured, never failed
        count(depression.first_points) over (
            partition by courses.source
        ) > 0 as is_phq9_used,
        count(anxiety.first_points) over (
            partition by courses.source
        ) > 0 as is_anxiety_used
    from courses

    left join scores as depression
        on
            courses.episode_id = depression.episode_id
            and depression.recovery_role = 'depression'

    left join scores as anxiety
        on
            courses.episode_id = anxiety.episode_id
            and anxiety.recovery_role = 'anxiety'

),

compared as (

    -- null: not known, for want of a score
    select
        paired.*,
        paired.first_phq9_points >= rules.phq9_caseness as is_phq9_case,
        paired.first_phq9_points >= rules.phq9_caseness
        or paired.first_anxiety_points >= rules.anxiety_caseness
            as is_caseness_at_first,
        paired.last_phq9_points < rules.phq9_caseness as is_phq9_below_at_last,
        paired.last_anxiety_points < rules.anxiety_caseness
            as is_anxiety_below_at_last,
        paired.phq9_improvement >= rules.phq9_change as is_phq9_better,
        paired.phq9_improvement <= -rules.phq9_change as is_phq9_worse,
        paired.anxiety_improvement >= rules.anxiety_change as is_anxiety_better,
        paired.anxiety_improvement <= -rules.anxiety_change as is_anxiety_worse
    from paired

    cross join rules

),

classified as (

    -- a finished course without the scores stays in the denominator: it counts
    -- as not recovered and not changed, as the NHS counts it
    select
        *,
        case
            when not (is_phq9_used and is_anxiety_used) then null
            when not is_caseness_at_first then null
            else
                coalesce(
                    is_caseness_at_first
                    and is_phq9_below_at_last
                    and is_anxiety_below_at_last,
                    false
                )
        end as is_recovered,
        case
            when is_phq9_used and is_anxiety_used
                then
                    coalesce(
                        has_paired_scores
                        and (is_phq9_better or is_anxiety_better)
                        and not (is_phq9_worse or is_anxiety_worse),
                        false
                    )
        end as is_reliably_improved,
        case
            when is_phq9_used and is_anxiety_used
                then
                    coalesce(
                        has_paired_scores
                        and (is_phq9_worse or is_anxiety_worse)
                        and not (is_phq9_better or is_anxiety_better),
                        false
                    )
        end as is_reliably_deteriorated,
        case
            when not is_phq9_used or not is_phq9_case then null
            else coalesce(is_phq9_case and is_phq9_below_at_last, false)
        end as is_recovered_phq,
        case when is_phq9_used then coalesce(is_phq9_better, false) end
            as is_reliably_improved_phq,
        case when is_phq9_used then coalesce(is_phq9_worse, false) end
            as is_reliably_deteriorated_phq
    from compared

),

final as (

    select
        ---------- ids
        episode_id,
        patient_id,

        ---------- strings
        source,
        anxiety_instrument,

        ---------- numerics
        treatment_sessions_count,
        first_phq9_points,
        last_phq9_points,
        first_anxiety_points,
        last_anxiety_points,

        ---------- booleans
        has_paired_scores,
        is_caseness_at_first,
        is_recovered,
        is_reliably_improved,
        is_reliably_deteriorated,
        case
            when is_recovered is not null
                then is_recovered and is_reliably_improved
        end as is_reliably_recovered,
        is_recovered_phq,
        is_reliably_improved_phq,
        is_reliably_deteriorated_phq,
        case
            when is_recovered_phq is not null
                then is_recovered_phq and is_reliably_improved_phq
        end as is_reliably_recovered_phq,

        ---------- dates
        finished_on

    from classified

)

select * from final
