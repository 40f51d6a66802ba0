{# One row per load that had been accepted at the instant this run reads. #}

with

source as (

    select * from {{ source('raw', 'loads') }}

),

accepted as (

    -- not yet accepted is null, and so left out
    select * from source
    where accepted_at <= {{ as_of() }}

),

arranged as (

    select
        ---------- ids
        load_id,

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

    from accepted

)

select * from arranged
