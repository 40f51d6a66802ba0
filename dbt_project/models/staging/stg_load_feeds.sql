{#
    One row per accepted load and feed, marked if its rows still count. Loads are
    ordered by the source's own clock; the arrival decides only between two of one instant.
#}

with

source as (

    select * from {{ source('raw', 'load_feeds') }}

),

loads as (

    select * from {{ ref('stg_loads') }}

),

ordered as (

    select
        source.load_id,
        loads.source,
        loads.namespace,
        source.feed,
        loads.kind,
        loads.date_mode,
        source.yielded_count,
        source.loaded_count,
        source.quarantined_count,
        source.duplicate_count,
        source.is_supplied,
        loads.extracted_at,
        loads.accepted_at,

        -- full loads of this feed from here to the newest, this one included
        sum(
            case
                when loads.kind = 'full' and source.is_supplied then 1
                else 0
            end
        ) over (
            partition by loads.source, source.feed
            order by
                loads.extracted_at desc,
                loads.accepted_at desc,
                source.load_id desc
            rows between unbounded preceding and current row
        ) as full_loads_from_here

    from source

    inner join loads
        on source.load_id = loads.load_id

),

marked as (

    select
        ---------- ids
        load_id,

        ---------- strings
        source,
        namespace,
        feed,
        kind,
        date_mode,

        ---------- numerics
        yielded_count,
        loaded_count,
        quarantined_count,
        duplicate_count,

        ---------- booleans
        is_supplied,
        is_supplied and (
            full_loads_from_here = 0
            or (kind = 'full' and full_loads_from_here = 1)
        ) as is_current,

        ---------- dates and timestamps
        extracted_at,
        accepted_at

    from ordered

)

select * from marked
