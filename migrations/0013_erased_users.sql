-- compatible
-- Writers remember the numbers of users. Once a name is taken out of its row, they must read it anew: the name gets another
-- number when it comes again.
--
-- Locks: ACCESS EXCLUSIVE on deployment and SHARE ROW EXCLUSIVE on person for a moment.
ALTER TABLE deployment ADD COLUMN users_version bigint NOT NULL DEFAULT 0;

CREATE FUNCTION note_erased_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deployment SET users_version = users_version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER note_erased_users AFTER UPDATE OF name OR DELETE OR TRUNCATE ON person
    FOR EACH STATEMENT EXECUTE FUNCTION note_erased_users();
