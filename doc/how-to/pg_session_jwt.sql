-- pg_session_jwt's functions on oauth_jwt: the same names and results.
--
--     psql -v ON_ERROR_STOP=1 -f doc/how-to/pg_session_jwt.sql
--
-- Run it after DROP EXTENSION pg_session_jwt.  What differs is described in
-- moving-from-pg-session-jwt.md.

BEGIN;

CREATE SCHEMA IF NOT EXISTS auth;
GRANT USAGE ON SCHEMA auth TO PUBLIC;

-- The keys come from jwt.issuers, not from a setting of the connection, so there
-- is nothing to initialize.
CREATE FUNCTION auth.init() RETURNS void
LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
END;

-- For the rest of the connection, as before; see the page for why not to keep it so.
CREATE FUNCTION auth.jwt_session_init(jwt text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT FROM jwt.set_session(jwt_session_init.jwt, is_local => false);
END;

CREATE FUNCTION auth.session() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(jwt.claims(), 'null');

CREATE FUNCTION auth.jwt() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(jwt.claims(), 'null');

CREATE FUNCTION auth.user_id() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jwt.subject();

-- NULL, and no error, where the subject is not a UUID.
CREATE FUNCTION auth.uid() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN jwt.subject() ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN jwt.user_id()
END;

COMMIT;
