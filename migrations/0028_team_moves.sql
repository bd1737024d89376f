-- compatible
-- What teams are called, and which features were moved to another team or name.
--
-- A team keeps the name that it was made with in every row, so nothing that is stored changes with what it is called.
-- Servers of the version before know teams by that name alone, and count the calls of a moved feature where they say: rename
-- and move only once all servers have this version.
--
-- Locks: SHARE ROW EXCLUSIVE on team for a moment.

CREATE TABLE team_rename (
    rename_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    team text NOT NULL REFERENCES team,
    -- What the team is called from then on. The last one counts, and every one means the team for good.
    name text NOT NULL,
    renamed_at timestamptz NOT NULL DEFAULT now(),
    renamed_by text NOT NULL,
    reason text
);
CREATE INDEX team_rename_name ON team_rename (name);
CREATE INDEX team_rename_team ON team_rename (team);

-- What a team is called.
CREATE FUNCTION team_called(text) RETURNS text LANGUAGE sql STABLE
RETURN COALESCE((SELECT name FROM team_rename WHERE team = $1 ORDER BY rename_id DESC LIMIT 1), $1);

CREATE TABLE feature_move (
    move_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    team text NOT NULL REFERENCES team,
    feature text NOT NULL,
    to_team text NOT NULL REFERENCES team,
    to_feature text NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    moved_by text NOT NULL,
    reason text NOT NULL,
    CHECK ((team, feature) <> (to_team, to_feature))
);
