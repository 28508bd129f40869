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

CREATE TRIGGER reload_keys
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON jwt.issuers
FOR EACH STATEMENT EXECUTE FUNCTION oauth.reload_keys();

CREATE TRIGGER reload_keys
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON jwt.keys
FOR EACH STATEMENT EXECUTE FUNCTION oauth.reload_keys();

COMMENT ON FUNCTION oauth.reload_keys() IS
    'Internal: trigger on jwt.issuers and jwt.keys, tells PostgREST to read its keys again when the change commits';

REVOKE ALL ON FUNCTION oauth.reload_keys() FROM PUBLIC;
