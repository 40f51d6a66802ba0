-- One row per person in the trial. The file holds no age, sex or year.
select
    rownames as patient_id

from delivery_csv('BtheB.csv')
