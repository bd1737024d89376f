-- compatible
-- Every load of the configuration counts the revoked tokens.
CREATE INDEX token_revoked ON token (token_id) WHERE revoked_at IS NOT NULL;
