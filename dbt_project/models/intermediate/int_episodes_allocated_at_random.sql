{#
    One row per episode of a trial: chance gave it an arm, and the source says
    which.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

allocated as (

    select
        ---------- ids
        episode_id,

        ---------- strings
        source,
        allocated_arm,

        ---------- dates
        index_on

    from episodes

    where
        is_randomised
        and allocated_arm is not null

)

select * from allocated
