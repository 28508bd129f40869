\i test/tap.psql
-- The session's claims: who sets them, how long they last, what the accessors
-- return, and that parallel workers see the same.
SELECT no_plan();

SELECT jwt.create_issuer('https://session.example') AS kid \gset
CREATE FUNCTION token(claims jsonb, lifetime interval DEFAULT '1 hour') RETURNS text LANGUAGE sql
RETURN jwt.issue(claims, 'https://session.example', expires_in => lifetime);

SELECT token('{"sub": "6f9619ff-8b86-d011-b42d-00c04fc964ff", "scope": "read write", "aud": ["a", "b"],
               "client_id": "app", "roles": ["editor", "viewer"], "tenant": "t1", "n": 5}') AS alice \gset
SELECT token('{"sub": "bob", "scp": ["one", "two"], "aud": "a", "azp": "web", "roles": "viewer"}') AS bob \gset

-- ---------------------------------------------------------------------------
-- Without a session

SELECT is(jwt.subject(), NULL, 'no session: no subject');
SELECT is(jwt.claims(), NULL, 'no claims');
SELECT is(jwt.user_id(), NULL, 'no user id');
SELECT is(jwt.scopes(), NULL, 'no scopes');
SELECT is(jwt.claim('sub'), NULL, 'no claim');
SELECT is(jwt.has_scope('read'), false, 'has_scope is false, not null');
SELECT is(jwt.has_any_scope('{read}'), false, 'has_any_scope too');
SELECT is(jwt.has_role('editor'), false, 'has_role too');

-- ---------------------------------------------------------------------------
-- The accessors

BEGIN;
SELECT is(jwt.set_session(:'alice') ->> 'tenant', 't1', 'set_session returns the claims');
SELECT is(jwt.subject(), '6f9619ff-8b86-d011-b42d-00c04fc964ff', 'subject');
SELECT is(jwt.user_id(), '6f9619ff-8b86-d011-b42d-00c04fc964ff'::uuid, 'user_id');
SELECT is(jwt.issuer(), 'https://session.example', 'issuer');
SELECT is(jwt.client_id(), 'app', 'client_id');
SELECT is(jwt.audience(), '{a,b}', 'audience');
SELECT is(jwt.scopes(), '{read,write}', 'scopes');
SELECT is(jwt.claim('tenant'), 't1', 'claim');
SELECT is(jwt.claim('n'), '5', 'a number as text');
SELECT is(jwt.claim('none'), NULL, 'an absent claim');
SELECT is(jwt.claim(NULL), NULL, 'claim(NULL)');
SELECT is(jwt.claims() ->> 'tenant', 't1', 'claims');
SELECT is(array_agg(jwt.has_scope(s) ORDER BY s), '{f,t,f,t}', 'has_scope: whole names only')
FROM unnest(ARRAY['read', 'rea', 'read write', 'write']) AS s;
SELECT is(jwt.has_scope(NULL), false, 'has_scope(NULL)');
SELECT is(jwt.has_any_scope('{admin,write}'), true, 'has_any_scope');
SELECT is(jwt.has_any_scope('{admin,NULL}'), false, 'with a null');
SELECT is(jwt.has_any_scope('{}'), false, 'of none');
SELECT is(jwt.has_role('editor'), true, 'has_role');
SELECT is(jwt.has_role('admin'), false, 'another role');
COMMIT;
SELECT is(jwt.subject(), NULL, 'gone after COMMIT');

BEGIN;
SELECT is(jwt.set_session(:'bob') ->> 'sub', 'bob', 'another session');
SELECT is(jwt.scopes(), '{one,two}', 'scp where there is no scope');
SELECT is(jwt.client_id(), 'web', 'azp where there is no client_id');
SELECT is(jwt.audience(), '{a}', 'an audience that is a string');
SELECT is(jwt.has_role('viewer'), true, 'a role that is a string');
SELECT throws_ok('SELECT jwt.user_id()', 'JW041', NULL, 'a subject that is no UUID');

-- The planner calls it as well, so the reference says what to write where some subjects are none.
CREATE TEMPORARY TABLE profiles ON COMMIT DROP AS SELECT gen_random_uuid() AS id FROM generate_series(1, 3);
SELECT throws_ok(statement, 'JW041', NULL, 'the planner asks: ' || statement)
FROM unnest(ARRAY['EXPLAIN SELECT FROM profiles WHERE id = jwt.user_id()', 'SELECT FROM profiles WHERE jwt.subject() IS NOT NULL OR id = jwt.user_id()']) AS statement;
SELECT results_eq('SELECT count(*) FROM profiles WHERE ' || condition, ARRAY[3::bigint], 'it does not: ' || condition)
FROM unnest(ARRAY['CASE WHEN jwt.subject() IS NOT NULL THEN true ELSE id = jwt.user_id() END', 'jwt.subject() IS NOT NULL OR id = (SELECT jwt.user_id())']) AS condition;
ROLLBACK;
SELECT is(jwt.subject(), NULL, 'gone after ROLLBACK');

-- The roles where the issuer's row says they are.
UPDATE jwt.issuers SET roles_claim = '{realm_access,roles}' WHERE issuer = 'https://session.example';
BEGIN;
SELECT jwt.set_session(token('{"sub": "x", "realm_access": {"roles": ["deep"]}, "roles": ["flat"]}')) \g /dev/null
SELECT is(jwt.has_role('deep'), true, 'roles by path');
SELECT is(jwt.has_role('flat'), false, 'and not elsewhere');
COMMIT;
UPDATE jwt.issuers SET roles_claim = '{roles}' WHERE issuer = 'https://session.example';

-- ---------------------------------------------------------------------------
-- Whose claims can be set

SELECT throws_ok('SELECT jwt.set_session(NULL)', 'JW001', NULL, 'NULL is no token');
SELECT throws_ok(format('SELECT jwt.set_session(%L)', left(:'alice', -2) || 'AA'), 'JW007', NULL, 'a forged token');
SELECT throws_ok(format('SELECT jwt.set_session(%L)', token('{"sub": 5}')), 'JW020', NULL, 'a subject that is no string');
SELECT throws_ok(format('SELECT jwt.set_session(%L)', token('{"scope": 5}')), 'JW020', NULL, 'a scope that is no string');
SELECT throws_ok(format('SELECT jwt.set_session(%L)', token('{"aud": [1]}')), 'JW020', NULL, 'an audience that is no string');
BEGIN;
SELECT jwt.set_session(:'alice') \g /dev/null
SAVEPOINT s;
SELECT throws_ok('SELECT jwt.set_session(''a.b.c'')', NULL, NULL, 'a failed set_session');
SELECT is(jwt.claim('tenant'), 't1', 'leaves the session as it was');
COMMIT;

-- ---------------------------------------------------------------------------
-- How long they last

BEGIN;
SELECT jwt.set_session(:'alice') \g /dev/null
SAVEPOINT s;
SELECT jwt.set_session(:'bob') \g /dev/null
SELECT is(jwt.subject(), 'bob', 'within a savepoint');
ROLLBACK TO s;
SELECT is(jwt.claim('tenant'), 't1', 'rolled back with it');
SELECT jwt.set_session(:'bob') \g /dev/null
RELEASE s;
SELECT is(jwt.subject(), 'bob', 'released with it');
SELECT jwt.clear_session();
SELECT is(jwt.subject(), NULL, 'cleared');
COMMIT;

SELECT jwt.set_session(:'bob', is_local => false) \g /dev/null
SELECT is(jwt.subject(), 'bob', 'not local: outlives its transaction');
BEGIN;
SELECT jwt.set_session(:'alice') \g /dev/null
SELECT is(jwt.claim('tenant'), 't1', 'local over not local');
COMMIT;
SELECT is(jwt.subject(), 'bob', 'and back');
BEGIN;
SELECT jwt.clear_session();
ROLLBACK;
SELECT is(jwt.subject(), 'bob', 'a clearing that is rolled back');
RESET ALL;
SELECT is(jwt.subject(), NULL, 'RESET ALL ends it: it is a setting');

-- ---------------------------------------------------------------------------
-- Prepared statements, functions, roles, cursors

PREPARE who AS SELECT jwt.subject();
SET plan_cache_mode = force_generic_plan;
BEGIN;
SELECT jwt.set_session(:'bob') \g /dev/null
SELECT results_eq('EXECUTE who', ARRAY['bob'], 'a generic plan');
SELECT jwt.set_session(:'alice') \g /dev/null
SELECT results_eq('EXECUTE who', ARRAY['6f9619ff-8b86-d011-b42d-00c04fc964ff'], 'sees a changed session');
COMMIT;
SELECT results_eq('EXECUTE who', ARRAY[NULL]::text[], 'and its end');
RESET plan_cache_mode;

CREATE FUNCTION definer() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog RETURN jwt.subject();
CREATE FUNCTION setter(t text) RETURNS text LANGUAGE plpgsql SET work_mem = '8MB' AS
    $$ BEGIN PERFORM jwt.set_session(t); RETURN jwt.subject(); END $$;
CREATE FUNCTION in_turn(a text, b text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text := '';
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[a, b, a] LOOP
        PERFORM jwt.set_session(t);
        result := result || ' ' || coalesce(jwt.claim('tenant'), 'none');
    END LOOP;
    RETURN result;
END
$$;
CREATE ROLE session_user_role;
GRANT USAGE ON SCHEMA public TO session_user_role;
BEGIN;
SELECT is(setter(:'bob'), 'bob', 'set in a function with a SET clause');
SELECT is(jwt.subject(), 'bob', 'stands after it');
SELECT is(definer(), 'bob', 'a SECURITY DEFINER function');
SET LOCAL ROLE session_user_role;
SELECT is(jwt.subject(), 'bob', 'after SET ROLE');
RESET ROLE;
SELECT is(in_turn(:'alice', :'bob'), ' t1 none t1', 'one call site, the session changing under it');
COMMIT;

BEGIN;
SELECT jwt.set_session(:'bob') \g /dev/null
DECLARE c CURSOR FOR SELECT jwt.subject() FROM generate_series(1, 3);
FETCH 1 FROM c \g /dev/null
SELECT jwt.set_session(:'alice') \g /dev/null
FETCH 1 FROM c \g /dev/null
SELECT pass('a cursor open across a change');
COMMIT;

-- ---------------------------------------------------------------------------
-- Expiry is looked at by every statement

BEGIN;
SELECT jwt.set_session(token('{"sub": "short", "exp": 0}'::jsonb - 'exp', '1 second')) \g /dev/null
SELECT is(jwt.subject(), 'short', 'not over yet');
UPDATE jwt.issuers SET leeway = '0' WHERE issuer = 'https://session.example';
SELECT jwt.set_session(token('{"sub": "short"}', '1 second')) \g /dev/null
SELECT pg_sleep(2.1) \g /dev/null
SELECT throws_ok('SELECT jwt.subject()', 'JW040', NULL, 'over: subject raises');
SELECT throws_ok('SELECT jwt.has_scope(''x'')', 'JW040', NULL, 'has_scope raises');
SELECT throws_ok('SELECT jwt.claims()', 'JW040', NULL, 'claims raises');
SELECT lives_ok('SELECT 1', 'and all else goes on');
COMMIT;

-- ---------------------------------------------------------------------------
-- Parallel workers

CREATE TABLE documents AS
SELECT n, CASE WHEN n % 10 = 0 THEN 'bob' ELSE 'nobody' END AS owner FROM generate_series(1, 20000) AS n;
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON documents USING (owner = jwt.subject());
GRANT SELECT ON documents TO session_user_role;
ANALYZE documents;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
SET parallel_leader_participation = off;
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS
    $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query; END $$;
GRANT EXECUTE ON FUNCTION plan(text) TO session_user_role;
BEGIN;
SELECT jwt.set_session(:'bob') \g /dev/null
SET LOCAL ROLE session_user_role;
SELECT is(string_agg(substring(p FROM 'Workers Launched: \d'), ''), 'Workers Launched: 2', 'workers run, without the leader')
FROM plan('SELECT count(*) FROM documents') AS p;
SELECT is(count(*), 2000::bigint, 'and see the leader''s session') FROM documents;
RESET ROLE;
COMMIT;
SET ROLE session_user_role;
SELECT is(count(*), 0::bigint, 'without a session they see nothing') FROM documents;
RESET ROLE;

SELECT * FROM finish();
SET client_min_messages = warning;
DROP TABLE documents;
DROP OWNED BY session_user_role;
DROP ROLE session_user_role;
DELETE FROM jwt.issuers WHERE issuer = 'https://session.example';
