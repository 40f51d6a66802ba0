"""From a delivery to accepted rows in the raw warehouse, or a refusal with its reason."""
