{#
    One row per eligible episode, by the kind of therapy at its first session.
    Kinds are compared in pairs, so nobody is the exposed.
#}

with

units as (

    select * from {{ ref('int_units_measured') }}
    where
        not is_trial_month
        and modality is not null

),

final as (

    select
        {{ service_comparison_columns(
            'modality',
            'units.modality',
            'cast(null as boolean)'
        ) }}

    from units

)

select * from final
