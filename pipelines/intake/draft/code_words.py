"""The words that other systems use for the contract's codes, in plain form."""

CODE_WORDS = {
    "sex": {
        "female": "f female woman w weiblich k kvinna",
        "male": "m male man maennlich",
        "other": "o other x nonbinary non_binary divers d",
        "unknown": "u unknown unk unbekannt",
    },
    "attendance": {
        "attended": "attended completed complete arrived checked_out seen show kept "
        "present erschienen wahrgenommen",
        "did_not_attend": "did_not_attend dna no_show noshow missed absent "
        "nicht_erschienen",
        "cancelled_late_by_patient": "late_cancel late_cancellation "
        "cancelled_late_by_patient canceled_late",
        "cancelled_by_patient": "cancelled_by_patient canceled_by_patient "
        "patient_cancelled patient_canceled vom_patienten_abgesagt",
        "cancelled_by_service": "cancelled_by_service canceled_by_provider "
        "cancelled_by_provider provider_cancelled clinic_cancelled "
        "vom_dienst_abgesagt",
    },
    "session_type": {
        "assessment": "assessment intake evaluation eval initial erstgespraech",
        "treatment": "treatment therapy psychotherapy session therapie behandlung",
        "follow_up": "follow_up followup review nachsorge",
    },
    "modality": {
        "cognitive": "cognitive cognitive_therapy ct",
        "behavioural": "behavioural behavioral behavioural_activation "
        "behavioral_activation ba",
        "cbt": "cbt cognitive_behavioral_therapy cognitive_behavioural_therapy "
        "cognitive_behavioral cognitive_behavioural kvt verhaltenstherapie",
        "computerised_cbt": "computerised_cbt computerized_cbt ccbt icbt",
        "interpersonal": "interpersonal ipt interpersonal_therapy "
        "interpersonal_psychotherapy",
        "psychodynamic": "psychodynamic pdt dynamic psychodynamic_therapy "
        "tiefenpsychologisch",
        "supportive": "supportive supportive_therapy counselling counseling",
        "usual_care": "usual_care tau treatment_as_usual",
        "other": "other andere",
    },
    "format": {
        "individual": "individual one_to_one 1_1 indiv einzel einzeltherapie",
        "couple": "couple couples paar paartherapie",
        "family": "family familie familientherapie",
        "group": "group gruppe gruppentherapie",
    },
    "delivery_mode": {
        "in_person": "in_person face_to_face f2f office onsite on_site praesenz "
        "vor_ort",
        "video": "video telehealth televideo video_visit teletherapy",
        "phone": "phone telephone audio telefon",
        "online": "online internet web app",
    },
    "end_reason": {
        "completed": "completed complete finished treatment_completed abgeschlossen",
        "dropped_out": "dropped_out drop_out dropout disengaged abgebrochen",
        "declined": "declined refused abgelehnt",
        "transferred": "transferred referred_on verlegt",
        "died": "died deceased verstorben",
        "ongoing": "ongoing open active laufend",
    },
    "credential": {
        "psychiatrist": "psychiatrist md do psychiater",
        "psychologist_phd": "psychologist_phd phd",
        "psychologist_psyd": "psychologist_psyd psyd",
        "clinical_social_worker": "clinical_social_worker lcsw csw",
        "nurse_practitioner": "nurse_practitioner np pmhnp",
        "counselor": "counselor counsellor lpc lmhc",
        "other": "other andere",
    },
    "record_type": {
        "dispensed": "dispensed fill filled paid abgegeben",
        "prescribed": "prescribed ordered order verordnet",
        "reported": "reported self_reported patient_reported",
    },
    "intended_length": {
        "short_term": "short_term short brief kurzzeit kurzzeittherapie",
        "long_term": "long_term long langzeit langzeittherapie",
        "open_ended": "open_ended open",
    },
    "instrument": {
        "phq9": "phq9 phq_9 phq",
        "phq8": "phq8 phq_8",
        "phq2": "phq2 phq_2",
        "gad7": "gad7 gad_7 gad",
        "bdi_ii": "bdi_ii bdi2 bdi_2 bdiii",
        "bdi": "bdi bdi_i bdi1",
        "qids_sr16": "qids_sr16 qids qids_sr qids_16",
        "ham_d17": "ham_d17 hamd17 hamd hdrs hdrs17 ham_d",
        "madrs": "madrs",
        "wsas": "wsas",
        "swls": "swls",
        "qles_q_sf": "qles_q_sf qlesq qlesqsf",
        "isi": "isi",
        "wai_sr": "wai_sr wai",
        "srs": "srs",
        "fibser": "fibser",
        "pss10": "pss10 pss_10 pss",
    },
}
"""Other words for each code. Only these words can stand in a drafted code map as a
matter of course: they are ours, not the source's."""
