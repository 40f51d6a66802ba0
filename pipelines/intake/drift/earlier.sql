-- One row per accepted load of the source that its clock puts before this delivery,
-- files loaded again counted once, as loaded last. The newest is number 1.
create or replace temp table earlier as
with

accepted as (

    select
        load_id,
        extracted_at,
        coalesce(data_to, extracted_at::date - 1) as covers_to
    from raw.loads
    where
        source = $source
        and accepted_at is not null
        {in_force}
        and extracted_at < $extracted_at
        and coalesce(files_id, load_id) <> $files_id
        -- what came before profiles were kept cannot be compared with
        and load_id in (select load_id from raw.load_profiles)
    qualify row_number() over (
        partition by coalesce(files_id, load_id)
        order by accepted_at desc, load_id desc
    ) = 1

)

select
    load_id,
    extracted_at,
    covers_to,
    covers_to - lag(covers_to) over in_order as span_days,
    row_number() over (order by extracted_at desc, load_id desc) as number

from accepted

window in_order as (order by extracted_at, load_id)
