{#
    One row per eligible episode, by the format of its first session. Formats are
    compared in pairs, so nobody is the exposed.
#}

with

units as (

    select * from {{ ref('int_units_measured') }}
    where
        not is_trial_month
        and format is not null

),

final as (

    select
        {{ service_comparison_columns(
            'format',
            'units.format',
            'cast(null as boolean)'
        ) }}

    from units

)

select * from final
