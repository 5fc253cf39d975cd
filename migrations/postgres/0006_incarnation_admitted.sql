-- Whether the copies that an incarnation had when it was noted were dropped. Earlier versions of the service do not tell: they dropped them, or had none.

ALTER TABLE hot_incarnations ADD COLUMN is_admitted boolean NOT NULL DEFAULT true;
