{#
    One row per person and month in which therapy could have been added to
    medication: therapy that began within a month against none. A person can
    have many such months, so they are the cluster.
#}

with

units as (

    select
        *,
        is_therapy_started as is_exposed,
        case
            when is_therapy_started then 'therapy_plus_medication'
            else 'medication'
        end as arm
    from {{ ref('int_units_measured') }}
    where is_trial_month

),

final as (

    select
        {{ service_comparison_columns(
            'therapy_plus_medication_vs_medication',
            'units.arm',
            'units.is_exposed'
        ) }}

    from units

)

select * from final
