-- One row per check: what it is for, whose it is, and how to mend what it finds.
select * from quality.check_catalogue
