-- compatible
-- A database that goes back to a backup has lost the last heartbeats that it acknowledged, and PostgreSQL starts anew then.
-- So of heartbeats before its start it may not know all. A function, so that tests can say otherwise.
CREATE FUNCTION heartbeats_known_since() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT pg_postmaster_start_time()
$$;
