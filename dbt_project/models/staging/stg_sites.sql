{#
    One row per site.
    Every source together, as of this run; nothing is recoded.
#}

with

current_rows as (

    {{ current_rows('sites', 'site_id') }}

),

arranged as (

    select
        ---------- ids
        site_id,
        load_id,

        ---------- strings
        source,
        site_name,
        region

    from current_rows

)

select * from arranged
