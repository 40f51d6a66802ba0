{#
    One row per clinician: those that a source lists, and those that a session
    names and no source lists.
#}

with

clinicians as (

    select * from {{ ref('stg_clinicians') }}

),

loads as (

    select * from {{ ref('stg_loads') }}

),

credentials as (

    select * from {{ ref('credentials') }}

),

sessions as (

    select * from {{ ref('stg_sessions') }}
    where clinician_id is not null

),

newest_first as (

    -- loads extracted at the same instant are told apart by load_id
    select
        clinicians.*,
        row_number() over (
            partition by clinicians.clinician_id
            order by
                loads.extracted_at desc,
                loads.load_id desc
        ) as place
    from clinicians

    inner join loads
        on clinicians.load_id = loads.load_id

),

listed as (

    select * from newest_first
    where place = 1

),

named_in_sessions as (

    select
        clinician_id,
        min(source) as source
    from sessions
    group by clinician_id

),

final as (

    select
        ---------- ids
        coalesce(listed.clinician_id, named_in_sessions.clinician_id)
            as clinician_id,
        listed.site_id,

        ---------- strings
        coalesce(listed.source, named_in_sessions.source) as source,
        listed.credential,
        credentials.credential_name,

        ---------- booleans
        listed.clinician_id is not null as is_listed,
        credentials.can_prescribe,
        listed.treats_resistant_depression

    from listed

    full outer join named_in_sessions
        on listed.clinician_id = named_in_sessions.clinician_id

    left join credentials
        on listed.credential = credentials.credential

)

select * from final
