{#
    One row per load that counted at the instant this run reads. The same files
    count once: as loaded last, and in the place of their newest sending. So a
    mended adapter's rows take the place of its former ones, and a source that
    goes back to earlier files makes them the newest.
#}

with

source as (

    select * from {{ source('raw', 'loads') }}

),

counting as (

    -- not yet accepted is null, and so left out
    select * from source
    where
        accepted_at <= {{ as_of() }}
        and (withdrawn_at is null or withdrawn_at > {{ as_of() }})
        and (purged_at is null or purged_at > {{ as_of() }})

),

ranked as (

    select
        *,
        max(extracted_at) over (
            partition by source, coalesce(files_id, load_id)
        ) as last_sent_at,
        row_number() over (
            partition by source, coalesce(files_id, load_id)
            order by
                accepted_at desc,
                load_id desc
        ) as newest_first
    from counting

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
        last_sent_at as extracted_at,
        accepted_at

    from counted_once

)

select * from arranged
