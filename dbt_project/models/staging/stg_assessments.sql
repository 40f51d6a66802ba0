{#
    One row per completed questionnaire.
    Every source together, as of this run; nothing is recoded.
#}

with

current_rows as (

    {{ current_rows('assessments', 'assessment_id', of_patients=true) }}

),

arranged as (

    select
        ---------- ids
        assessment_id,
        patient_id,
        episode_id,
        session_id,
        load_id,

        ---------- strings
        source,
        instrument,
        collection_reason,

        ---------- numerics
        total_points,
        item_1,
        item_2,
        item_3,
        item_4,
        item_5,
        item_6,
        item_7,
        item_8,
        item_9,
        item_10,
        item_11,
        item_12,
        item_13,
        item_14,
        item_15,
        item_16,
        item_17,
        item_18,
        item_19,
        item_20,
        item_21,

        ---------- dates
        completed_on

    from current_rows

)

select * from arranged
