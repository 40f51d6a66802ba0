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
        max(data_to) as data_to

    from loads

    group by source

)

select * from observed
