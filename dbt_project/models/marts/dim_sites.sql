{#
    One row per site: those that a source lists, and those that a record names
    and no source lists.
#}

with

sites as (

    select * from {{ ref('stg_sites') }}

),

loads as (

    select * from {{ ref('stg_loads') }}

),

named_sites as (

    select
        site_id,
        source
    from {{ ref('stg_sessions') }}

    union all

    select
        site_id,
        source
    from {{ ref('stg_episodes') }}

    union all

    select
        site_id,
        source
    from {{ ref('stg_clinicians') }}

),

newest_first as (

    -- loads extracted at the same instant are told apart by load_id
    select
        sites.*,
        row_number() over (
            partition by sites.site_id
            order by
                loads.extracted_at desc,
                loads.load_id desc
        ) as place
    from sites

    inner join loads
        on sites.load_id = loads.load_id

),

listed as (

    select * from newest_first
    where place = 1

),

named as (

    select
        site_id,
        min(source) as source
    from named_sites
    where site_id is not null
    group by site_id

),

final as (

    select
        ---------- ids
        coalesce(listed.site_id, named.site_id) as site_id,

        ---------- strings
        coalesce(listed.source, named.source) as source,
        listed.site_name,
        listed.region,

        ---------- booleans
        listed.site_id is not null as is_listed

    from listed

    full outer join named
        on listed.site_id = named.site_id

)

select * from final
