\i test/tap.psql
-- The attack: make oneself somebody else's session by writing the setting it
-- lives in.  Every way SQL has to write a setting is tried by an ordinary user,
-- by one who was granted SET on the parameter, and by a superuser, so that the
-- check hook alone stands in the way.  The value is well-formed, and would be
-- a session if it were let in.  test/t/forgery_at_start.pl has the ways that take a
-- log-in of one's own.

\set forged '{"leeway": 0, "key": "x", "roles": ["roles"], "claims": {"iss": "https://forgery.test", "sub": "forged", "scope": "all"}}'

CREATE ROLE regress_jwt_mallory;
CREATE ROLE regress_jwt_granted;
CREATE SCHEMA forgery_test;
GRANT USAGE ON SCHEMA forgery_test TO PUBLIC;
CREATE SCHEMA forgery_mallory AUTHORIZATION regress_jwt_mallory;
CREATE SCHEMA forgery_granted AUTHORIZATION regress_jwt_granted;

CREATE FUNCTION forgery_test.subject_or_none() RETURNS text LANGUAGE plpgsql PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(jwt.subject(), 'none');
END
$$;
CREATE FUNCTION forgery_test.library_is_loaded() RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'oauth_jwt.leeway')
$$;

SELECT jwt.create_issuer('https://forgery.test') IS NULL AS unused \gset
SELECT jwt.issue('{"sub": "alice"}', 'https://forgery.test') AS alice \gset
GRANT SET ON PARAMETER oauth_jwt.session TO regress_jwt_granted;

-- ---------------------------------------------------------------------------
-- A placeholder: the setting's name is anybody's to set until the library is
-- loaded.  Each case needs a backend that has not loaded it, so pgTAP's tables,
-- which go with the backend, come after.  The warnings vary with the version.

\set ON_ERROR_STOP on

-- by an ordinary user, then by a superuser
\c -
SET client_min_messages = error;
SELECT forgery_test.library_is_loaded() AS loaded_user \gset
SET SESSION AUTHORIZATION regress_jwt_mallory;
SET oauth_jwt.session = :'forged';
SELECT current_setting('oauth_jwt.session') = :'forged' AS placeholder_user \gset
SELECT coalesce(jwt.subject(), 'none') AS by_user \gset

\c -
SET client_min_messages = error;
SELECT forgery_test.library_is_loaded() AS loaded_superuser \gset
SET oauth_jwt.session = :'forged';
SELECT coalesce(jwt.subject(), 'none') AS by_superuser \gset
SELECT coalesce(nullif(current_setting('oauth_jwt.session'), ''), 'empty') AS left_of_it \gset

-- by one who may set it
\c -
SET client_min_messages = error;
SELECT forgery_test.library_is_loaded() AS loaded_granted \gset
SET SESSION AUTHORIZATION regress_jwt_granted;
SELECT set_config('oauth_jwt.session', :'forged', false) AS unused \gset
SELECT coalesce(jwt.subject(), 'none') AS by_granted \gset

-- stacked: in a transaction, in its savepoint, in a function's SET clause
\c -
SET client_min_messages = error;
SET oauth_jwt.session = :'forged';
BEGIN;
SET LOCAL oauth_jwt.session = :'forged';
SAVEPOINT s;
SET LOCAL oauth_jwt.session = :'forged';
SELECT coalesce(jwt.subject(), 'none') AS stacked_inner \gset
ROLLBACK TO s;
SELECT coalesce(jwt.subject(), 'none') AS stacked_savepoint \gset
COMMIT;
SELECT coalesce(jwt.subject(), 'none') AS stacked_outer \gset

\c -
SET client_min_messages = error;
CREATE FUNCTION forgery_test.with_forged_setting() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce(jwt.subject(), 'none');
END
$$;
SELECT format('ALTER FUNCTION forgery_test.with_forged_setting() SET oauth_jwt.session = %L', :'forged') \gexec
SELECT forgery_test.library_is_loaded() AS loaded_function \gset
SELECT forgery_test.with_forged_setting() AS by_function \gset

-- in a parallel worker, which has the leader's placeholder and loads the library itself
SELECT CASE WHEN current_setting('server_version_num')::integer < 160000
            THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END AS forced \gset
\c -
SET client_min_messages = error;
SET SESSION AUTHORIZATION regress_jwt_mallory;
SET oauth_jwt.session = :'forged';
SELECT set_config(:'forced', 'on', false) AS unused \gset
SELECT forgery_test.subject_or_none() AS in_worker_user \gset
\c -
SET client_min_messages = error;
SET oauth_jwt.session = :'forged';
SELECT set_config(:'forced', 'on', false) AS unused \gset
SELECT forgery_test.subject_or_none() AS in_worker_superuser \gset
SELECT set_config(:'forced', 'off', false) AS unused \gset
SELECT forgery_test.library_is_loaded() AS loaded_worker \gset

-- the settings that say what is trusted, likewise
\c -
SET client_min_messages = error;
SET SESSION AUTHORIZATION regress_jwt_mallory;
SET oauth_jwt.trust_request_claims = on;
SET oauth_jwt.allow_short_hmac_keys = on;
SET request.jwt.claims = '{"sub": "forged"}';
SELECT coalesce(jwt.subject(), 'none') AS by_request \gset
SELECT current_setting('oauth_jwt.trust_request_claims') || ', ' || current_setting('oauth_jwt.allow_short_hmac_keys') AS trusting \gset

\set ON_ERROR_STOP off
\c -
SELECT no_plan();
SELECT is(ARRAY[:'loaded_user', :'loaded_superuser', :'loaded_granted', :'loaded_function', :'loaded_worker']::boolean[],
          '{f,f,f,f,f}', 'placeholders: none of those backends had the library');
SELECT ok(:'placeholder_user', 'placeholders: an ordinary user can set one');
SELECT is(:'by_user'::text, 'none', 'placeholders: an ordinary user''s makes no session');
SELECT is(:'by_superuser'::text, 'none', 'placeholders: nor does a superuser''s');
SELECT is(:'left_of_it'::text, 'empty', '... of which nothing is left');
SELECT is(:'by_granted'::text, 'none', 'placeholders: nor that of one who may set the parameter');
SELECT is(:'stacked_inner'::text, 'none', 'placeholders: nor a stack of them, at its top');
SELECT is(:'stacked_savepoint'::text, 'none', '... below');
SELECT is(:'stacked_outer'::text, 'none', '... and at its bottom');
SELECT is(:'by_function'::text, 'none', 'placeholders: nor a function''s SET clause');
SELECT is(:'in_worker_user'::text, 'none', 'placeholders: nor one that a parallel worker has, of an ordinary user');
SELECT is(:'in_worker_superuser'::text, 'none', '... or of a superuser');
SELECT is(:'trusting'::text, 'off, off', 'placeholders: an ordinary user cannot have other claims trusted');
SELECT is(:'by_request'::text, 'none', '... and they are not');

SELECT is(jwt.subject(), NULL, 'no session so far');
SELECT throws_ok('SELECT forgery_test.with_forged_setting()', '42501', 'the session''s claims cannot be set by hand',
                 'the function cannot be called once the library is loaded');

-- ---------------------------------------------------------------------------
-- With the library loaded

-- Try a command as somebody: the error, or what the session then is.
CREATE FUNCTION pg_temp.try_as(somebody name, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', somebody);
    EXECUTE command;
    answer := coalesce(jwt.subject(), 'none');
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
    RETURN 'accepted; the session is ' || answer;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;

CREATE TEMP TABLE ways (n serial, way text, command text);
INSERT INTO ways (way, command)
SELECT way, replace(replace(command, 'FORGED', quote_literal(:'forged')), 'THEDATABASE', quote_ident(current_database()))
FROM (VALUES
    ('SET', 'SET oauth_jwt.session = FORGED'),
    ('SET LOCAL', 'SET LOCAL oauth_jwt.session = FORGED'),
    ('set_config', 'SELECT set_config(''oauth_jwt.session'', FORGED, false)'),
    ('set_config, local', 'SELECT set_config(''oauth_jwt.session'', FORGED, true)'),
    ('capitals', 'SET OAUTH_JWT.SESSION = FORGED'),
    ('DO', 'DO $do$ BEGIN SET oauth_jwt.session = FORGED; END $do$'),
    ('ALTER ROLE SET', 'ALTER ROLE CURRENT_USER SET oauth_jwt.session = FORGED'),
    ('ALTER ROLE IN DATABASE SET', 'ALTER ROLE CURRENT_USER IN DATABASE THEDATABASE SET oauth_jwt.session = FORGED'),
    ('ALTER DATABASE SET', 'ALTER DATABASE THEDATABASE SET oauth_jwt.session = FORGED'),
    ('ALTER ROLE ALL SET', 'ALTER ROLE ALL SET oauth_jwt.session = FORGED'),
    ('CREATE FUNCTION SET',
     'CREATE FUNCTION OWN.f() RETURNS text LANGUAGE sql SET oauth_jwt.session = FORGED AS ''SELECT jwt.subject()'''),
    ('CREATE PROCEDURE SET',
     'CREATE PROCEDURE OWN.p() LANGUAGE sql SET oauth_jwt.session = FORGED AS ''SELECT 1'''),
    ('ALTER FUNCTION SET',
     'CREATE FUNCTION OWN.f() RETURNS text LANGUAGE sql AS ''SELECT jwt.subject()'';'
     'ALTER FUNCTION OWN.f() SET oauth_jwt.session = FORGED')) AS v (way, command);

SELECT matches(pg_temp.try_as('regress_jwt_mallory', replace(command, 'OWN', 'forgery_mallory')), '^42501 ',
               'an ordinary user: ' || way)
FROM ways ORDER BY n;
SELECT is(pg_temp.try_as('regress_jwt_granted', replace(command, 'OWN', 'forgery_granted')),
          '42501 the session''s claims cannot be set by hand', 'one who may set it: ' || way)
FROM ways WHERE way NOT LIKE 'ALTER DATABASE%' AND way NOT LIKE 'ALTER ROLE%' ORDER BY n;
SELECT is(pg_temp.try_as(current_user, replace(command, 'OWN', 'forgery_test')),
          '42501 the session''s claims cannot be set by hand', 'a superuser: ' || way)
FROM ways ORDER BY n;

-- The same within somebody's session, which then stays as it was
BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SELECT is(pg_temp.try_as(current_user, command), '42501 the session''s claims cannot be set by hand',
          'within a session: ' || way)
FROM ways WHERE way LIKE 'SET%' OR way LIKE 'set_config%' ORDER BY n;
SELECT is(jwt.subject(), 'alice', '... and it stays');

-- Frozen into a function, the session would come back to whoever calls it.
SELECT is(pg_temp.try_as('regress_jwt_mallory', $$CREATE FUNCTION forgery_mallory.f() RETURNS text LANGUAGE sql
                          SET oauth_jwt.session FROM CURRENT AS 'SELECT jwt.subject()'$$) LIKE '42501 %', true,
          'an ordinary user: SET FROM CURRENT');
SELECT is(pg_temp.try_as('regress_jwt_granted', $$CREATE FUNCTION forgery_granted.f() RETURNS text LANGUAGE sql
                          SET oauth_jwt.session FROM CURRENT AS 'SELECT jwt.subject()'$$) LIKE '42501 %', true,
          'one who may set it: SET FROM CURRENT');
SELECT is(pg_temp.try_as(current_user, $$CREATE FUNCTION forgery_test.f() RETURNS text LANGUAGE sql
                          SET oauth_jwt.session FROM CURRENT AS 'SELECT jwt.subject()'$$),
          '42501 the session''s claims cannot be set by hand', 'a superuser: SET FROM CURRENT');
SELECT is(pg_temp.try_as(current_user, 'ALTER ROLE regress_jwt_mallory SET oauth_jwt.session FROM CURRENT'),
          '42501 the session''s claims cannot be set by hand', 'a superuser: ALTER ROLE SET FROM CURRENT');
SELECT is(jwt.subject(), 'alice', '... and the session stays');

-- The setting can be emptied by those who may set it, which is clear_session.
SELECT is(pg_temp.try_as('regress_jwt_mallory', 'RESET oauth_jwt.session'),
          '42501 permission denied to set parameter "oauth_jwt.session"', 'an ordinary user: RESET');
SELECT is(pg_temp.try_as('regress_jwt_mallory', 'SET oauth_jwt.session TO DEFAULT'),
          '42501 permission denied to set parameter "oauth_jwt.session"', 'an ordinary user: SET TO DEFAULT');
SELECT is(pg_temp.try_as('regress_jwt_mallory', $$UPDATE pg_settings SET setting = 'x' WHERE name = 'oauth_jwt.session'$$),
          'accepted; the session is alice', 'UPDATE pg_settings meets no row');
SELECT is(pg_temp.try_as(current_user, format('UPDATE pg_settings SET setting = %L WHERE name = %L', :'forged', 'oauth_jwt.session')),
          'accepted; the session is alice', '... of a superuser''s either');

-- ---------------------------------------------------------------------------
-- Reading it

SELECT is(pg_temp.try_as('regress_jwt_mallory', command) LIKE '42501 %', true, 'an ordinary user cannot read it: ' || command)
FROM unnest(ARRAY['SHOW oauth_jwt.session', 'SELECT current_setting(''oauth_jwt.session'')',
                  'SELECT current_setting(''oauth_jwt.session'', true)', 'SELECT current_setting(''OAuth_JWT.session'')',
                  'SELECT current_setting(''oauth_jwt.master_key_file'')',
                  'CREATE TABLE forgery_mallory.t AS SELECT current_setting(''oauth_jwt.session'')',
                  'SELECT pg_read_file(''/proc/self/environ'')']) AS command;
SET LOCAL SESSION AUTHORIZATION regress_jwt_mallory;
SELECT count(*) AS rows_seen FROM pg_settings WHERE name = 'oauth_jwt.session' OR setting LIKE '%alice%' OR reset_val LIKE '%alice%' \gset
SELECT count(*) AS raw_rows_seen FROM pg_show_all_settings() AS s WHERE s::text LIKE '%alice%' \gset
SELECT count(*) AS stat_rows_seen FROM pg_stat_activity AS s WHERE s::text LIKE '%"sub"%"alice"%' AND s.pid <> pg_backend_pid() \gset
SAVEPOINT s;
\set VERBOSITY sqlstate
COPY (SELECT current_setting('oauth_jwt.session')) TO STDOUT;
SELECT 'not reached';
\set copy_state :SQLSTATE
\set VERBOSITY terse
ROLLBACK TO s;
RESET SESSION AUTHORIZATION;
SELECT is(:'rows_seen'::integer, 0, 'pg_settings does not have it');
SELECT is(:'raw_rows_seen'::integer, 0, 'nor has what lies below');
SELECT is(:'stat_rows_seen'::integer, 0, 'nor has pg_stat_activity');
SELECT is(:'copy_state'::text, '25P02', 'COPY of it fails');
SELECT is((SELECT count(*) FROM pg_settings WHERE name = 'oauth_jwt.session'), 0::bigint, 'pg_settings is without it for a superuser too');
COMMIT;

-- ---------------------------------------------------------------------------
-- The configuration file

\set VERBOSITY sqlstate
SELECT format('ALTER SYSTEM SET oauth_jwt.session = %L', :'forged') \gexec
\set system_state :SQLSTATE
SET SESSION AUTHORIZATION regress_jwt_mallory;
ALTER SYSTEM SET oauth_jwt.session = 'x';
\set system_state_mallory :SQLSTATE
SET oauth_jwt.trust_request_claims = on;
\set trust_state_mallory :SQLSTATE
SET oauth_jwt.no_such_setting = 1;
\set reserved_state_mallory :SQLSTATE
\set VERBOSITY terse
RESET SESSION AUTHORIZATION;
SELECT isnt(:'system_state'::text, '00000', 'ALTER SYSTEM is refused to a superuser');
SELECT is(:'system_state_mallory'::text, '42501', 'ALTER SYSTEM is refused to an ordinary user');
SELECT is(:'trust_state_mallory'::text, '42501', 'only a superuser turns trust_request_claims on');
SELECT is(:'reserved_state_mallory'::text, '42602', 'there are no other settings of the prefix');

-- ---------------------------------------------------------------------------
-- Other things of our names: functions, operators, tables

CREATE TABLE forgery_test.docs (owner text);
INSERT INTO forgery_test.docs VALUES ('alice'), ('bob');
ALTER TABLE forgery_test.docs ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON forgery_test.docs USING (owner = jwt.subject());
GRANT SELECT ON forgery_test.docs TO regress_jwt_mallory;

SET SESSION AUTHORIZATION regress_jwt_mallory;
CREATE FUNCTION forgery_mallory.subject() RETURNS text LANGUAGE sql AS $$SELECT 'bob'::text$$;
CREATE FUNCTION forgery_mallory.always(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR forgery_mallory.= (LEFTARG = text, RIGHTARG = text, FUNCTION = forgery_mallory.always);
CREATE FUNCTION forgery_mallory.jsonb_agg(jsonb) RETURNS jsonb LANGUAGE sql AS $$SELECT '["hijacked"]'::jsonb$$;
CREATE FUNCTION forgery_mallory.jsonb_build_object(text, jsonb) RETURNS jsonb LANGUAGE sql AS $$SELECT '{"keys": "hijacked"}'::jsonb$$;
CREATE TEMP TABLE issuers (issuer text, enabled boolean);
CREATE TEMP TABLE keys (issuer text, kid text);
SET search_path = forgery_mallory, pg_temp, jwt, pg_catalog;
SELECT count(*) AS rows_without FROM forgery_test.docs \gset
BEGIN;
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SELECT string_agg(owner, ',') AS rows_with FROM forgery_test.docs \gset
SELECT jwt.jwks('https://forgery.test') #>> '{keys,0,kty}' AS published \gset
COMMIT;
\set VERBOSITY sqlstate
CREATE FUNCTION jwt.mallory() RETURNS text LANGUAGE sql AS $$SELECT 'bob'::text$$;
\set create_state :SQLSTATE
CREATE OR REPLACE FUNCTION jwt.subject() RETURNS text LANGUAGE sql AS $$SELECT 'bob'::text$$;
\set replace_state :SQLSTATE
CREATE FUNCTION forgery_mallory.forge(text) RETURNS jsonb LANGUAGE c AS '$libdir/oauth_jwt', 'jwt_set_session';
\set library_state :SQLSTATE
\set VERBOSITY terse
RESET search_path;
RESET SESSION AUTHORIZATION;
SELECT is(:'rows_without'::integer, 0, 'a function and an operator of our names do not reach a policy');
SELECT is(:'rows_with'::text, 'alice', '... whoever is logged in');
SELECT is(:'published'::text, 'EC', '... nor jwt.jwks');
SELECT is(:'create_state'::text, '42501', 'no function can be added to the schema');
SELECT is(:'replace_state'::text, '42501', 'and none replaced');
SELECT is(:'library_state'::text, '42501', 'nor the library be called in other ways');

-- ---------------------------------------------------------------------------
-- request.jwt.claims, which anybody can set

SET SESSION AUTHORIZATION regress_jwt_mallory;
SET request.jwt.claims = '{"sub": "mallory", "scope": "all", "role": "admin"}';
SET request.jwt.claim.sub = 'mallory';
SELECT coalesce(jwt.subject(), 'none') || ' ' || jwt.has_scope('all') || ' ' || jwt.has_role('admin') AS ignored \gset
RESET SESSION AUTHORIZATION;
SELECT is(:'ignored'::text, 'none false false', 'request.jwt.claims is ignored');

SET oauth_jwt.trust_request_claims = on;
SELECT is(jwt.subject(), 'mallory', 'with trust_request_claims on it counts');
SELECT is(jwt.has_scope('all'), true, '... scopes too');
SELECT is(jwt.has_role('admin'), true, '... and PostgREST''s role');
SELECT is(jwt.claims(), '{"sub": "mallory", "scope": "all", "role": "admin"}'::jsonb, '... all claims');

-- What cannot be an exp is not the same as none, and does not wrap around.
CREATE FUNCTION pg_temp.subject_until(exp text) RETURNS text LANGUAGE plpgsql AS
$$BEGIN
    PERFORM set_config('request.jwt.claims', format('{"sub": "mallory", "exp": %s}', exp), true);
    RETURN jwt.subject();
EXCEPTION WHEN OTHERS THEN RETURN sqlstate;
END$$;
SELECT is(pg_temp.subject_until(exp), want, 'request.jwt.claims with exp ' || exp)
FROM (VALUES ('4000000000', 'mallory'), ('1000000000', 'JW040'), ('253402300799', 'mallory'), ('253402300800', 'JW020'),
             ('9e18', 'JW020'), ('1e30', 'JW020'), ('-9e18', 'JW040'), ('-1e30', 'JW040'), ('-1', 'JW040'),
             ('"4000000000"', 'JW020'), ('true', 'JW020'), ('null', 'JW020')) AS v (exp, want);
SET request.jwt.claims = '{"sub": "mallory", "scope": "all", "role": "admin"}';

BEGIN;
SET LOCAL request.jwt.claims = '{"sub": "second", "roles": ["editor"]}';
SELECT is(jwt.subject() || ' ' || jwt.has_role('admin') || ' ' || jwt.has_role('editor'), 'second false true', 'it is followed when it changes');
SAVEPOINT s;
SET LOCAL request.jwt.claims = '{"sub": "third"}';
SELECT is(jwt.subject(), 'third', '... in a savepoint');
ROLLBACK TO s;
SELECT is(jwt.subject(), 'second', '... and back');
SELECT jwt.set_session(:'alice') IS NULL AS unused \gset
SELECT is(jwt.subject(), 'alice', 'a session goes before it');
SELECT is(jwt.has_role('editor'), false, '... with none of its claims');
COMMIT;
SELECT is(jwt.subject(), 'mallory', 'and it is back when the session is gone');
BEGIN;
SELECT set_config(:'forced', 'on', true) AS unused \gset
SELECT is(answer, 'mallory', 'a parallel worker reads it too') FROM forgery_test.subject_or_none() AS answer;
COMMIT;
SET request.jwt.claims = '{"sub": "late", "exp": 1000000000}';
SELECT throws_ok('SELECT jwt.subject()', 'JW040', NULL, 'its exp is checked');
SET request.jwt.claims = '{"sub": ';
SELECT throws_ok('SELECT jwt.subject()', 'JW001', NULL, 'what is not JSON is an error');
SET request.jwt.claims = '["sub"]';
SELECT throws_ok('SELECT jwt.subject()', 'JW001', NULL, 'what is no object is an error');
SET request.jwt.claims = '{"sub": 1}';
SELECT throws_ok('SELECT jwt.subject()', 'JW020', NULL, 'a subject that is no string is an error');
SELECT throws_ok('SELECT jwt.subject()', 'JW020', NULL, '... each time');
SET request.jwt.claims = '';
SELECT is(jwt.subject(), NULL, 'empty means none');
RESET request.jwt.claims;
SELECT is(jwt.subject(), NULL, 'as does absent');
SET request.jwt.claims = '{"sub": "mallory"}';
SET oauth_jwt.trust_request_claims = off;
SELECT is(jwt.subject(), NULL, 'turned off again, it is ignored');
RESET request.jwt.claims;

-- ---------------------------------------------------------------------------

SELECT * FROM finish();
SET client_min_messages = warning;
REVOKE SET ON PARAMETER oauth_jwt.session FROM regress_jwt_granted;
DROP SCHEMA forgery_test, forgery_mallory, forgery_granted CASCADE;
DROP OWNED BY regress_jwt_mallory, regress_jwt_granted;
DROP ROLE regress_jwt_mallory, regress_jwt_granted;
DELETE FROM jwt.issuers WHERE issuer = 'https://forgery.test';
