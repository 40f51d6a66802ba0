{# One row per eligible episode, instrument and scheduled follow-up. #}

with

of_this_comparison as (

    {{ comparison_rows('trial_therapy_plus_medication_vs_therapy') }}

)

select * from of_this_comparison
