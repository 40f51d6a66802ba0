{#
    One row per source: the last day that its accepted loads say their data cover.
#}

with

loads as (

    select * from {{ ref('stg_loads') }}

),

observed as (

    select
        ---------- strings
        source,

        ---------- dates
        -- a relative source's days are anchored: no calendar day compares
        max(case when date_mode = 'calendar' then data_to end) as data_to

    from loads

    group by source

)

select * from observed
