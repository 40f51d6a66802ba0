-- One row: the share of the patients of the full delivery before who are in this one.
with

before as (

    select patients.patient_id
    from raw.patients as patients
    inner join earlier using (load_id)
    where earlier.number = 1 and not patients.is_deleted

),

counted as (

    select
        count(*) as before_count,
        count(*) filter (
            patient_id in (select patients.patient_id from patients)
        ) as kept_count
    from before

)

select
    'patients' as feed,
    'patients_are_known_as_before' as check_id,
    'kept_patients_share' as measure,
    '' as grain,
    1.0::double as earlier_value,
    counted.kept_count / counted.before_count as value,
    this.maximum_lost_share as limit_value,
    1 - counted.kept_count / counted.before_count
    > this.maximum_lost_share as is_beyond,
    least(
        nullif(counted.kept_count, 0),
        nullif(counted.before_count - counted.kept_count, 0)
    ) as least_count

from counted
cross join this

where this.kind = 'full' and counted.before_count >= this.minimum_rows
