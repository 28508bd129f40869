-- A resource server's PostgREST has its keys from jwt.issuers and jwt.keys, and
-- reads them again when it is told to (deploy/postgrest.sql).  It is told here,
-- and not by a trigger of the user's: pg_dump leaves those on our tables out.

CREATE FUNCTION oauth.reload_keys() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NOTIFY pgrst, 'reload config';
    RETURN NULL;
END
$$;

-- For each row, as a subscriber's changes fire no others; a transaction tells it once.
CREATE TRIGGER reload_keys
AFTER INSERT OR UPDATE OR DELETE ON jwt.issuers
FOR EACH ROW EXECUTE FUNCTION oauth.reload_keys();

CREATE TRIGGER reload_keys
AFTER INSERT OR UPDATE OR DELETE ON jwt.keys
FOR EACH ROW EXECUTE FUNCTION oauth.reload_keys();

CREATE TRIGGER reload_keys_truncated
AFTER TRUNCATE ON jwt.issuers
FOR EACH STATEMENT EXECUTE FUNCTION oauth.reload_keys();

CREATE TRIGGER reload_keys_truncated
AFTER TRUNCATE ON jwt.keys
FOR EACH STATEMENT EXECUTE FUNCTION oauth.reload_keys();

ALTER TABLE jwt.issuers ENABLE ALWAYS TRIGGER reload_keys;
ALTER TABLE jwt.issuers ENABLE ALWAYS TRIGGER reload_keys_truncated;
ALTER TABLE jwt.keys ENABLE ALWAYS TRIGGER reload_keys;
ALTER TABLE jwt.keys ENABLE ALWAYS TRIGGER reload_keys_truncated;

COMMENT ON FUNCTION oauth.reload_keys() IS
    'Internal: trigger on jwt.issuers and jwt.keys, tells PostgREST to read its keys again when the change commits';

REVOKE ALL ON FUNCTION oauth.reload_keys() FROM PUBLIC;
