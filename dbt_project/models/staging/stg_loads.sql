{#
    One row per load that had been accepted at the instant this run reads. Files
    that were loaded again, by a mended adapter, count once: as loaded last.
#}

with

source as (

    select * from {{ source('raw', 'loads') }}

),

accepted as (

    -- not yet accepted is null, and so left out
    select * from source
    where accepted_at <= {{ as_of() }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by source, coalesce(files_id, load_id)
            order by
                accepted_at desc,
                load_id desc
        ) as newest_first
    from accepted

),

counted_once as (

    select * from ranked
    where newest_first = 1

),

arranged as (

    select
        ---------- ids
        load_id,
        run_id,

        ---------- strings
        source,
        delivery,
        owner,
        contact,
        namespace,
        kind,
        date_mode,
        disclosure_profile,

        ---------- numerics
        expected_every_days,
        contract_version,

        ---------- dates and timestamps
        data_to,
        extracted_at,
        accepted_at

    from counted_once

)

select * from arranged
