\i test/tap.psql
-- Row-level security by the session's claims, end to end: users, roles, the
-- policies people write, and the plans they get.

SELECT no_plan();

CREATE ROLE regress_jwt_web;
CREATE ROLE regress_jwt_app LOGIN;
GRANT regress_jwt_web TO regress_jwt_app;
CREATE SCHEMA rls_test;
GRANT USAGE ON SCHEMA rls_test TO regress_jwt_web;

CREATE TABLE rls_test.notes (id integer PRIMARY KEY, owner text NOT NULL, team text, body text);
CREATE TABLE rls_test.profiles (id uuid PRIMARY KEY, name text);
CREATE TABLE rls_test.secrets (body text);
GRANT SELECT, INSERT, UPDATE, DELETE ON rls_test.notes, rls_test.profiles TO regress_jwt_web;

INSERT INTO rls_test.notes VALUES
    (1, 'alice', 'red', 'of alice'), (2, 'alice', 'blue', 'of alice'), (3, 'bob', 'red', 'of bob'), (4, 'carol', NULL, 'of carol');
INSERT INTO rls_test.profiles VALUES
    ('00000000-0000-4000-8000-00000000000a', 'Alice'), ('00000000-0000-4000-8000-00000000000b', 'Bob');
INSERT INTO rls_test.secrets VALUES ('for superusers');

ALTER TABLE rls_test.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON rls_test.notes TO regress_jwt_web
    USING (owner = jwt.subject()) WITH CHECK (owner = jwt.subject() AND jwt.has_scope('notes:write'));
CREATE POLICY audit ON rls_test.notes FOR SELECT TO regress_jwt_web USING (jwt.has_scope('notes:read_all'));
CREATE POLICY moderate ON rls_test.notes FOR DELETE TO regress_jwt_web USING (jwt.has_role('moderator'));
CREATE POLICY team ON rls_test.notes FOR SELECT TO regress_jwt_web USING (team = jwt.claim('team'));
ALTER TABLE rls_test.profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON rls_test.profiles TO regress_jwt_web USING (id = jwt.user_id());

SELECT jwt.create_issuer('https://rls.test') IS NULL AS unused \gset

-- What a web request does: one transaction, its role, its session, a query.
-- The role is that of the connection, so nothing in the token can widen it.
CREATE FUNCTION pg_temp.request(claims jsonb, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    token text := jwt.issue(claims, 'https://rls.test');
    answer text;
BEGIN
    SET LOCAL SESSION AUTHORIZATION regress_jwt_app;
    SET LOCAL ROLE regress_jwt_web;
    PERFORM jwt.set_session(token);
    EXECUTE query INTO answer;
    RESET ROLE;
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
    PERFORM jwt.clear_session();
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;

\set visible 'SELECT string_agg(id::text, '' '' ORDER BY id) FROM rls_test.notes'

-- ---------------------------------------------------------------------------
-- Reading

SELECT is(pg_temp.request('{"sub": "alice"}', :'visible'), '1 2', 'alice sees what is hers');
SELECT is(pg_temp.request('{"sub": "bob"}', :'visible'), '3', 'bob sees what is his');
SELECT is(pg_temp.request('{"sub": "dave"}', :'visible'), NULL, 'dave has nothing');
SELECT is(pg_temp.request('{"sub": ""}', :'visible'), NULL, 'an empty subject owns nothing');
SELECT is(pg_temp.request('{}', :'visible'), NULL, 'nor does none');
SELECT is(pg_temp.request('{"sub": "alice'' OR true --"}', :'visible'), NULL, 'a subject is a value and not SQL');
SELECT is(pg_temp.request('{"sub": "dave", "scope": "notes:read_all"}', :'visible'), '1 2 3 4', 'with the scope dave sees all');
SELECT is(pg_temp.request('{"sub": "dave", "scope": "notes:read"}', :'visible'), NULL, '... with another he does not');
SELECT is(pg_temp.request('{"sub": "dave", "roles": ["notes:read_all"]}', :'visible'), NULL, '... nor with a role of its name');
SELECT is(pg_temp.request('{"sub": "dave", "team": "red"}', :'visible'), '1 3', 'a claim of one''s own is compared as well');
SELECT is(pg_temp.request('{"sub": "00000000-0000-4000-8000-00000000000b"}', 'SELECT string_agg(name, '','') FROM rls_test.profiles'),
          'Bob', 'user_id() picks the profile');
SELECT is(pg_temp.request('{"sub": "alice"}', 'SELECT string_agg(name, '','') FROM rls_test.profiles'),
          'JW041', '... and a subject that is no UUID is an error, not no rows');

BEGIN;
SET LOCAL ROLE regress_jwt_web;
SELECT count(*) AS rows_without FROM rls_test.notes \gset
SELECT count(*) AS profiles_without FROM rls_test.profiles \gset
COMMIT;
SELECT is(:'rows_without' || ' ' || :'profiles_without', '0 0', 'without a session there are no rows');

-- ---------------------------------------------------------------------------
-- Writing

\set insert 'INSERT INTO rls_test.notes VALUES (9, ''alice'', NULL, ''new'') RETURNING id'
SELECT is(pg_temp.request('{"sub": "alice", "scope": "notes:write"}', :'insert'), '9', 'alice writes with the scope');
SELECT is(pg_temp.request('{"sub": "alice", "scope": "notes:read"}', replace(:'insert', '9', '10')), '42501', '... and not without');
SELECT is(pg_temp.request('{"sub": "bob", "scope": "notes:write"}', replace(:'insert', '9', '10')), '42501', 'bob writes nothing of alice''s');
SELECT is(pg_temp.request('{"sub": "bob", "scope": "notes:write"}', 'UPDATE rls_test.notes SET body = ''x'' WHERE id = 1 RETURNING id'),
          NULL, '... changes nothing of hers');
SELECT is(pg_temp.request('{"sub": "bob", "scope": "notes:write"}', 'UPDATE rls_test.notes SET owner = ''alice'' WHERE id = 3 RETURNING id'),
          '42501', '... and gives nothing away');
SELECT is(pg_temp.request('{"sub": "bob", "scope": "notes:read_all"}', 'DELETE FROM rls_test.notes WHERE id = 1 RETURNING id'),
          NULL, 'reading all is not deleting all');
SELECT is(pg_temp.request('{"sub": "bob", "scope": "notes:read_all", "roles": ["moderator"]}',
                          'DELETE FROM rls_test.notes WHERE id = 9 RETURNING id'), '9', 'a moderator deletes');

-- ---------------------------------------------------------------------------
-- A role claim is a word in a token: it makes nobody a role of the database.

SELECT is(pg_temp.request(jsonb_build_object('sub', 'mallory', 'role', name, 'roles', jsonb_build_array(name)),
                          'SELECT current_user || '' '' || session_user || '' '' || current_setting(''is_superuser'')'),
          'regress_jwt_web regress_jwt_app off', 'a token with the role of ' || who || ' changes no role')
FROM (VALUES (current_user, 'the superuser'), ('pg_read_all_data', 'pg_read_all_data')) AS v (name, who);
SELECT is(pg_temp.request(jsonb_build_object('sub', 'mallory', 'role', current_user, 'roles', jsonb_build_array(current_user)), query),
          want, '... and gives no rights: ' || what)
FROM (VALUES ('SELECT body FROM rls_test.secrets', '42501', 'a table of another''s'),
             ('SELECT private_jwk FROM jwt.keys', '42501', 'the keys'),
             ('SELECT issuer FROM jwt.issuers', '42501', 'the issuers'),
             ('SELECT pg_read_file(''PG_VERSION'')', '42501', 'files'),
             (:'visible', NULL, 'rows'),
             ('SELECT jwt.issue(''{}'', ''https://rls.test'')', '42501', 'tokens'),
             (format('SET ROLE %I', current_user), '42501', 'SET ROLE'))
     AS v (query, want, what);
SELECT is(pg_temp.request(jsonb_build_object('sub', 'mallory', 'roles', jsonb_build_array(current_user)),
                          format('SELECT jwt.has_role(%L)', current_user)), 'true', '... though has_role tells what the token says');

-- The table's owner is held to it too, once that is forced.
BEGIN;
CREATE ROLE regress_jwt_owner;
ALTER TABLE rls_test.notes OWNER TO regress_jwt_owner;
ALTER TABLE rls_test.notes FORCE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA rls_test TO regress_jwt_owner;
CREATE POLICY owners ON rls_test.notes TO regress_jwt_owner USING (owner = jwt.subject());
SELECT jwt.set_session(jwt.issue('{"sub": "alice"}', 'https://rls.test')) IS NULL AS unused \gset
SET LOCAL ROLE regress_jwt_owner;
:visible \gset owner_
ROLLBACK;
SELECT is(:'owner_string_agg'::text, '1 2', 'FORCE ROW LEVEL SECURITY holds the owner to it');

-- ---------------------------------------------------------------------------
-- Plans: jwt.subject() stands where a constant would

CREATE TABLE rls_test.events (id bigint, owner text NOT NULL, at integer);
INSERT INTO rls_test.events SELECT n, 'user' || n % 1000, n FROM generate_series(1, 100000) AS n;
CREATE INDEX events_owner ON rls_test.events (owner);
ANALYZE rls_test.events;
GRANT SELECT ON rls_test.events TO regress_jwt_web;

CREATE FUNCTION pg_temp.plan(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN plan #> '{0,Plan}';
END
$$;
CREATE FUNCTION pg_temp.nodes(plan jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(node #>> '{}', ' > ') FROM jsonb_path_query(plan, '$.**{0 to last}."Node Type"') AS node
$$;

\set by_constant 'SELECT count(at) FROM rls_test.events WHERE owner = ''user7'''
\set by_session 'SELECT count(at) FROM rls_test.events WHERE owner = jwt.subject()'
\set by_policy 'SELECT count(at) FROM rls_test.events'

SELECT jwt.set_session(jwt.issue('{"sub": "user7"}', 'https://rls.test'), false) IS NULL AS unused \gset
SELECT matches(jsonb_path_query_first(pg_temp.plan(:'by_session'), '$.**."Index Cond"') #>> '{}', '^\(owner = jwt\.subject\(\)\)$',
               'it is an index condition');
SELECT is(jsonb_path_query_first(pg_temp.plan(:'by_session'), '$.**."Filter"'), NULL, '... and no filter');
SELECT is(pg_temp.nodes(pg_temp.plan(:'by_session')), pg_temp.nodes(pg_temp.plan(:'by_constant')), '... in the plan that a constant has');
SELECT is(jsonb_path_query_first(pg_temp.plan(:'by_session'), '$."Plans"[0]."Plan Rows"'),
          jsonb_path_query_first(pg_temp.plan(:'by_constant'), '$."Plans"[0]."Plan Rows"'), '... with its estimate');

ALTER TABLE rls_test.events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON rls_test.events USING (owner = jwt.subject());
BEGIN;
SET LOCAL ROLE regress_jwt_web;
SELECT pg_temp.plan(:'by_policy') AS policy_plan \gset
SELECT count AS policy_count FROM (:by_policy) AS c \gset
SELECT pg_temp.plan('SELECT count(at) FROM rls_test.events WHERE at > 500') AS filtered_plan \gset
COMMIT;
SELECT matches(jsonb_path_query_first(:'policy_plan', '$.**."Index Cond"') #>> '{}', '^\(owner = jwt\.subject\(\)\)$',
               'from a policy too it is an index condition');
SELECT is(:'policy_count'::integer, 100, '... and gives the rows');
SELECT matches(jsonb_path_query_first(:'filtered_plan', '$.**."Index Cond"') #>> '{}', '^\(owner = jwt\.subject\(\)\)$',
               '... beside a condition of the query''s own');

-- A parallel plan wherever the constant has one
BEGIN;
DROP INDEX rls_test.events_owner;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SELECT pg_temp.nodes(pg_temp.plan(:'by_constant')) AS constant_nodes, pg_temp.nodes(pg_temp.plan(:'by_session')) AS session_nodes \gset
SET LOCAL ROLE regress_jwt_web;
SELECT pg_temp.nodes(pg_temp.plan(:'by_policy')) AS policy_nodes \gset
SELECT count AS parallel_count FROM (:by_policy) AS c \gset
SELECT pg_temp.nodes(pg_temp.plan('SELECT count(at) FROM rls_test.events WHERE jwt.has_scope(''a'') OR jwt.has_role(''b'') OR owner = jwt.claim(''c'')')) AS predicate_nodes \gset
ROLLBACK;
SELECT matches(:'constant_nodes'::text, 'Gather', 'a constant has a parallel plan');
SELECT is(:'session_nodes'::text, :'constant_nodes', '... jwt.subject() the same');
SELECT is(:'policy_nodes'::text, :'constant_nodes', '... a policy too');
SELECT is(:'parallel_count'::integer, 100, '... with the same rows');
SELECT is(:'predicate_nodes'::text, :'constant_nodes', '... and the predicates');

-- The other accessors as index conditions
CREATE INDEX ON rls_test.notes (team);
BEGIN;
SET LOCAL enable_seqscan = off;
SELECT jwt.clear_session() IS NULL AS unused \gset
SELECT ok(jsonb_path_exists(pg_temp.plan('SELECT * FROM rls_test.profiles WHERE id = jwt.user_id()'), '$.**."Index Cond"'),
          'user_id() is an index condition');
SELECT ok(jsonb_path_exists(pg_temp.plan('SELECT * FROM rls_test.notes WHERE team = jwt.claim(''team'')'), '$.**."Index Cond"'),
          'claim() is an index condition');
COMMIT;

SELECT jwt.clear_session() IS NULL AS unused \gset
SELECT * FROM finish();
SET client_min_messages = warning;
DROP SCHEMA rls_test CASCADE;
DROP ROLE regress_jwt_web, regress_jwt_app;
DELETE FROM jwt.issuers WHERE issuer = 'https://rls.test';
