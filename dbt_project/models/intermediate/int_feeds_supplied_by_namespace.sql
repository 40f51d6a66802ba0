{#
    One row per source and feed: whether any current load of its namespace
    supplied the feed. A clinic's patients may have their medication from a
    pharmacy's source, and then medication is measured for them.
#}

with

load_feeds as (

    select * from {{ ref('stg_load_feeds') }}

),

supplied_in_namespace as (

    select
        namespace,
        feed,
        max(case when is_current then 1 else 0 end) = 1 as is_supplied
    from load_feeds
    group by
        namespace,
        feed

),

sources as (

    select distinct
        source,
        namespace,
        date_mode
    from load_feeds
    where is_current

),

final as (

    select
        ---------- strings
        sources.source,
        sources.namespace,
        sources.date_mode,
        supplied_in_namespace.feed,

        ---------- booleans
        supplied_in_namespace.is_supplied

    from sources

    inner join supplied_in_namespace
        on sources.namespace = supplied_in_namespace.namespace

)

select * from final
