{#
    One row per eligible episode of a person who is new to antidepressants: one
    that started within a month of the first session, either side, against none
    in those months. Later starts are allowed. Who is treatment-resistant is no
    new user.
#}

with

eligible as (

    select * from {{ ref('int_units_measured') }}
    where
        not is_trial_month
        and not coalesce(is_treatment_resistant, false)

),

medication_groups as (

    select * from {{ ref('int_episodes_grouped_by_medication') }}

),

medication_overlaps as (

    select * from {{ ref('int_episodes_overlapped_by_medication') }}

),

units as (

    -- a start in the window is known once the window is over
    select
        eligible.*,
        medication_groups.medication_group = 'at_start' as is_exposed,
        case
            when medication_groups.medication_group = 'at_start'
                then 'therapy_plus_medication'
            else 'therapy'
        end as arm
    from eligible

    inner join medication_groups
        on eligible.episode_id = medication_groups.episode_id

    inner join medication_overlaps
        on eligible.episode_id = medication_overlaps.episode_id

    where
        medication_overlaps.is_new_user_105
        and medication_groups.medication_group is not null
        and eligible.followed_days >= {{ threshold('medication_grace_days') }}

),

final as (

    select
        {{ service_comparison_columns(
            'therapy_plus_medication_vs_therapy',
            'units.arm',
            'units.is_exposed'
        ) }}

    from units

)

select * from final
