{#
    One row per episode that remitted by the PHQ-9: whether the person became
    ill again, between which two scores, and for how long they were followed.
#}

with

remissions as (

    select * from {{ ref('int_episodes_remitted') }}

),

follow_up_scores as (

    select * from {{ ref('int_assessments_followed_after_remission') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

followed as (

    select
        episode_id,
        count(*) as scores_count,
        max(case when not is_ill_again then completed_on end) as last_below_on,
        max(case when is_ill_again then completed_on end) as ill_again_on,
        max(case when is_ill_again then collection_reason end)
            as ill_again_reason
    from follow_up_scores
    group by episode_id

),

joined as (

    select
        remissions.episode_id,
        remissions.patient_id,
        remissions.source,
        remissions.remitted_on,
        followed.ill_again_on,
        followed.ill_again_reason,
        patients.died_on,
        coalesce(followed.scores_count, 0) as scores_count,
        coalesce(followed.last_below_on, remissions.remitted_on)
            as last_below_on
    from remissions

    left join followed
        on remissions.episode_id = followed.episode_id

    left join patients
        on remissions.patient_id = patients.patient_id

),

ended as (

    -- a death long after the last score ends nothing: following had stopped
    select
        *,
        case
            when ill_again_on is not null then 'relapsed'
            when
                {{ days_between('last_below_on', 'died_on') }}
                <= {{ threshold('follow_up_gap_up_to_days') }}
                then 'died'
            else 'censored'
        end as status,
        {{ add_days(
            'last_below_on',
            'floor(' ~ days_between('last_below_on', 'ill_again_on') ~ ' / 2)'
        ) }} as relapsed_on
    from joined

),

measured as (

    select
        *,
        cast(
            {{ days_between(
                'remitted_on',
                "case status when 'relapsed' then relapsed_on "
                ~ "when 'died' then died_on else last_below_on end"
            ) }}
            as integer
        ) as followed_days
    from ended

),

final as (

    select
        ---------- ids
        episode_id,
        patient_id,

        ---------- strings
        source,
        status,
        case
            when status != 'relapsed' then null
            when followed_days >= {{ threshold('recurrence_from_days') }}
                then 'recurrence'
            else 'relapse'
        end as reoccurrence,
        ill_again_reason as event_collection_reason,

        ---------- numerics
        followed_days,
        cast(scores_count as integer) as scores_count_after,

        ---------- booleans
        status = 'relapsed' as is_relapsed,

        ---------- dates
        remitted_on,
        last_below_on,
        case when status = 'relapsed' then last_below_on end as event_low_on,
        ill_again_on as event_high_on,
        relapsed_on,
        case when status = 'censored' then last_below_on end as censored_on

    from measured

)

select * from final
