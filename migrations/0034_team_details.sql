-- compatible
-- Who answers for a team, which cost centre pays for it, and what people call it in statements. All are for reports alone.
--
-- Locks: ACCESS EXCLUSIVE on team for a moment.
ALTER TABLE team ADD COLUMN owner text;
ALTER TABLE team ADD COLUMN cost_center text;
ALTER TABLE team ADD COLUMN display_name text;
