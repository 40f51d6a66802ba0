-- One course of care per person, from the day of allocation (day 0). Usual care
-- is a modality, so that the control arm has a name. Therapy was computerised
-- (Beat the Blues), allocated at random within strata of medication and of the
-- length of the current episode.
select
    rownames as episode_id,
    rownames as patient_id,
    0 as started_day,
    case treatment
        when 'BtheB' then 'computerised_cbt'
        when 'TAU' then 'usual_care'
        else treatment
    end as modality,
    case length
        when '<6m' then 'up_to_6_months'
        when '>6m' then 'over_6_months'
        else length
    end as depression_duration_band,
    modality as allocated_arm,
    true as is_randomised

from delivery_csv('BtheB.csv')
