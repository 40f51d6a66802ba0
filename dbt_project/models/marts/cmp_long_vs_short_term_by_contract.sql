{#
    One row per eligible episode whose length was agreed on at the start: long
    term against short term. An open-ended agreement is neither.
#}

with

units as (

    select * from {{ ref('int_units_measured') }}
    where
        not is_trial_month
        and intended_length in ('long_term', 'short_term')

),

final as (

    select
        {{ service_comparison_columns(
            'long_vs_short_term_by_contract',
            'units.intended_length',
            "units.intended_length = 'long_term'"
        ) }}

    from units

)

select * from final
