-- PostgREST on oauth_jwt's keys: what PostgREST calls in the database.
--
--     psql -v authenticator=NAME -f deploy/postgrest.sql
--
-- Run it as the extension's owner, in the database PostgREST serves; NAME is
-- the login role in PostgREST's db-uri ("authenticator" if you give none).  The
-- settings that belong to it are in deploy/postgrest.conf.
--
-- PostgREST checks a token's signature, exp and aud, and looks no further: not
-- at iss, nor at a missing exp, nor at which algorithm a key is for.  So it is the first
-- gate only.  postgrest.pre_request() is the second: it verifies the same token
-- again against jwt.issuers (0.1 ms; next to nothing where this connection has
-- seen the token), puts its claims where policies read them, and decides the role.
--
-- Running it again is safe.

\set ON_ERROR_STOP on
\if :{?authenticator}
\else
\set authenticator authenticator
\endif

BEGIN;

CREATE SCHEMA IF NOT EXISTS postgrest;
COMMENT ON SCHEMA postgrest IS
    'What PostgREST calls; never list it in db-schemas';

-- ---------------------------------------------------------------------------
-- The keys PostgREST gets.
--
-- If PostgREST cannot parse its JWKS, it takes the JWKS's text as an HS256 secret,
-- and whoever knows the text, which is public, forges tokens.  Two things
-- prevent it.  Keys are left out that PostgREST does not know (Ed448, secp256k1), and of
-- the others all but the bare numbers (an alg it does not know is enough to fail).
-- And the set carries a member that is random and never published: see pre_config.

-- SECURITY DEFINER because jwt.issuers is the owner's alone; public keys come out.
CREATE OR REPLACE FUNCTION postgrest.verification_keys() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH published AS (
        SELECT jwt.jwks(i.issuer) -> 'keys' AS keys
        FROM jwt.issuers AS i
        WHERE i.enabled
        UNION ALL
        SELECT coalesce(i.jwks -> 'keys', jsonb_build_array(i.jwks))
        FROM jwt.issuers AS i
        WHERE i.enabled AND i.jwks IS NOT NULL
    )
    SELECT coalesce(jsonb_agg(bare.jwk), '[]')
    FROM published,
         jsonb_array_elements(published.keys) AS key,
         LATERAL (
             SELECT jsonb_object_agg(member.name, member.value)
             FROM jsonb_each(key) AS member (name, value)
             WHERE member.name IN ('kty', 'kid', 'n', 'e', 'crv', 'x', 'y')
         ) AS bare (jwk)
    WHERE key ->> 'kty' = 'RSA'
       OR key ->> 'crv' IN ('P-256', 'P-384', 'P-521', 'Ed25519')
$$;

-- db-pre-config: called at start and at each NOTIFY pgrst, 'reload config', which
-- the extension sends when an issuer or a key changes.
CREATE OR REPLACE FUNCTION postgrest.pre_config() RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT set_config(
        'pgrst.jwt_secret',
        jsonb_build_object(
            'keys', postgrest.verification_keys(),
            -- 244 random bits, new each time, kept nowhere
            '_salt', gen_random_uuid() || '.' || gen_random_uuid()
        )::text,
        true)
$$;

-- ---------------------------------------------------------------------------
-- Each request.

-- Which database role a token's claims stand for: here its "role" claim.
-- Replace the body to map other claims.  What comes out must be granted to the login role.
CREATE OR REPLACE FUNCTION postgrest.role_of(claims jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT claims ->> 'role'
$$;

-- Was the token revoked, or what it came of: its authorization, the log-in, the
-- client, the user?  Tokens of foreign issuers are theirs to revoke.
--
-- SECURITY DEFINER because schema oauth is the owner's alone.  It takes no argument,
-- so all that can be asked is about the token whose session this is.
CREATE OR REPLACE FUNCTION postgrest.is_revoked() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(oauth.is_revoked(jwt.claims()), false)
$$;

-- An error as PostgREST is to answer it (its SQLSTATE "PGRST").
CREATE OR REPLACE FUNCTION postgrest.refuse(
    status    integer,
    code      text,
    message   text,
    details   text DEFAULT NULL,
    hint      text DEFAULT NULL,
    challenge text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE SQLSTATE 'PGRST' USING
        MESSAGE = json_build_object('code', code, 'message', message,
                                    'details', details, 'hint', hint),
        DETAIL = json_build_object('status', status,
                                   'headers', CASE WHEN challenge IS NULL THEN '{}'
                                                   ELSE json_build_object('WWW-Authenticate', challenge) END);
END
$$;

-- db-pre-request: runs first in each request's transaction, as the role that
-- PostgREST took from the token.  Without a token that is db-anon-role, and there is nothing to do.
--
-- It is not SECURITY DEFINER: such a function may not change the role.
CREATE OR REPLACE FUNCTION postgrest.pre_request() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    authorization_header text := current_setting('request.headers', true)::jsonb ->> 'authorization';
    token text := substring(authorization_header FROM '(?i)^bearer +([^ ]+) *$');
    claims jsonb;
    role text;
    state text;
    message text;
    detail text;
    hint text;
BEGIN
    IF authorization_header IS NULL THEN
        RETURN;
    END IF;
    -- Of two Authorization headers PostgREST reads the first and shows the last.
    -- So what is here must be verified here, or a token could hide behind it.
    IF token IS NULL THEN
        PERFORM postgrest.refuse(401, '28000', 'Authorization must be a bearer token',
                                 challenge => 'Bearer');
    END IF;

    BEGIN
        claims := jwt.set_session(token);
    EXCEPTION WHEN OTHERS THEN
        -- JW001 to JW029: the token is at fault; anything else is for the server's log
        IF SQLSTATE !~ '^JW0[0-2]' THEN
            RAISE;
        END IF;
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
            detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        PERFORM postgrest.refuse(401, state, message, nullif(detail, ''), nullif(hint, ''),
                                 'Bearer error="invalid_token"');
    END;

    IF postgrest.is_revoked() THEN
        PERFORM postgrest.refuse(401, '28000', 'token has been revoked',
                                 challenge => 'Bearer error="invalid_token"');
    END IF;

    -- Only a role granted to the login role, by name and without detours: were
    -- the login role a superuser by mistake, the claim would still give nothing more.
    role := postgrest.role_of(claims);
    IF NOT EXISTS (
        SELECT
        FROM pg_auth_members AS granted
        JOIN pg_roles AS api ON api.oid = granted.roleid
        JOIN pg_roles AS login ON login.oid = granted.member
        WHERE login.rolname = session_user
          AND api.rolname = role
          AND NOT api.rolsuper
          AND NOT api.rolbypassrls
    ) THEN
        PERFORM postgrest.refuse(403, '42501', 'the token''s role is none of this API''s');
    END IF;
    PERFORM set_config('role', role, true);
END
$$;

COMMENT ON FUNCTION postgrest.verification_keys() IS
    'All public keys of enabled issuers that PostgREST understands, stripped to their numbers';
COMMENT ON FUNCTION postgrest.pre_config() IS
    'db-pre-config: hands PostgREST its keys';
COMMENT ON FUNCTION postgrest.role_of(jsonb) IS
    'The database role for a token''s claims';
COMMENT ON FUNCTION postgrest.is_revoked() IS
    'Has this session''s token been revoked?';
COMMENT ON FUNCTION postgrest.refuse(integer, text, text, text, text, text) IS
    'Ends a request with this status and error';
COMMENT ON FUNCTION postgrest.pre_request() IS
    'db-pre-request: verifies the token, sets the session''s claims and the role';

-- The keys are for PostgREST alone; a request's checks run as whichever role it has.
REVOKE ALL ON FUNCTION postgrest.verification_keys() FROM PUBLIC;
REVOKE ALL ON FUNCTION postgrest.pre_config() FROM PUBLIC;
GRANT USAGE ON SCHEMA postgrest TO PUBLIC;
GRANT EXECUTE ON FUNCTION postgrest.verification_keys() TO :"authenticator";
GRANT EXECUTE ON FUNCTION postgrest.pre_config() TO :"authenticator";

COMMIT;
