{#
    One row per dated spell: the spell it took over from, and whether it was
    added to another that went on.
#}

with

spells as (

    select * from {{ ref('int_medications_joined_into_spells') }}
    where not is_only_known_at_index

),

paired as (

    -- only an antidepressant can be taken over from or added to
    select
        spells.medication_spell_id,
        spells.is_antidepressant,
        spells.ended_on,
        earlier.medication_spell_id as earlier_spell_id,
        earlier.ingredient as earlier_ingredient,
        earlier.ended_on as earlier_ended_on,
        {{ days_between('earlier.ended_on', 'spells.started_on') }}
            as days_since_end
    from spells

    inner join spells as earlier
        on
            spells.patient_id = earlier.patient_id
            and spells.ingredient != earlier.ingredient
            and spells.started_on > earlier.started_on
            and earlier.is_antidepressant
            -- which one it is nobody says: it may be the same
            and spells.ingredient != 'antidepressant_unspecified'
            and earlier.ingredient != 'antidepressant_unspecified'

),

switches as (

    -- two that ended on one day are told apart by ingredient
    select
        *,
        row_number() over (
            partition by medication_spell_id
            order by
                earlier_ended_on desc,
                earlier_ingredient asc
        ) as latest_first
    from paired
    where
        is_antidepressant
        and days_since_end <= {{ threshold('switch_window_days') }}
        and days_since_end >= -{{ threshold('switch_window_days') }}
        -- what ends sooner than the first one took nothing over
        and coalesce(ended_on > earlier_ended_on, true)

),

additions as (

    select distinct medication_spell_id
    from paired
    where
        coalesce(
            days_since_end < -{{ threshold('switch_window_days') }}, true
        )

),

final as (

    select
        ---------- ids
        spells.medication_spell_id,
        spells.patient_id,
        switches.earlier_spell_id as switched_from_spell_id,

        ---------- strings
        spells.ingredient,
        switches.earlier_ingredient as switched_from,

        ---------- booleans
        additions.medication_spell_id is not null as is_augmentation,

        ---------- dates
        spells.started_on

    from spells

    left join switches
        on
            spells.medication_spell_id = switches.medication_spell_id
            and switches.latest_first = 1

    left join additions
        on spells.medication_spell_id = additions.medication_spell_id

)

select * from final
