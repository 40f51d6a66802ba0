-- One row per comparison, arm and step of the patient flow.
select
    comparison_id,
    arm,
    step_number,
    step,
    people_count

from aggregates.agg_patient_flow_by_arm
