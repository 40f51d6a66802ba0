-- The trial says whether a person was on an antidepressant when allocated, not
-- which one. One record for each person who was.
select
    rownames || ':antidepressant' as medication_id,
    rownames as patient_id,
    'antidepressant_unspecified' as ingredient,
    true as is_in_use_at_index,
    'reported' as record_type

from delivery_csv('BtheB.csv')

where drug = 'Yes'
