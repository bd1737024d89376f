-- compatible
-- What people call a token, so that histories say more of who changed something than a number. NULL where it has no name.
ALTER TABLE token ADD COLUMN name text CHECK (name ~ '^[A-Za-z0-9._:/@+|=-]{1,128}$');
