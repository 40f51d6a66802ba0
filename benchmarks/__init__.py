"""How the models compare with bare SQL that makes the same tables."""
