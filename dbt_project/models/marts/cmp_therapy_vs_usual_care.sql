{# One row per eligible episode, instrument and scheduled follow-up. #}

with

of_this_comparison as (

    {{ comparison_rows('therapy_vs_usual_care') }}

)

select * from of_this_comparison
