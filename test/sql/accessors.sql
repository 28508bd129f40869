\i test/tap.psql
-- What each accessor makes of the claims, without a session and with odd ones.

SELECT no_plan();

SELECT jwt.create_issuer('https://accessors.test') IS NULL AS unused \gset

-- Make claims the session's for the transaction; its subject.
CREATE FUNCTION pg_temp.enter(claims jsonb, roles_claim text[] DEFAULT '{roles}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jwt.issuers AS i SET roles_claim = enter.roles_claim
    WHERE i.issuer = 'https://accessors.test' AND i.roles_claim <> enter.roles_claim;
    RETURN jwt.set_session(jwt.issue(claims, 'https://accessors.test')) ->> 'sub';
END
$$;

-- One answer of an accessor under given claims.
CREATE FUNCTION pg_temp.under(claims jsonb, expression text, roles_claim text[] DEFAULT '{roles}') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM pg_temp.enter(claims, roles_claim);
    EXECUTE 'SELECT (' || expression || ')::text' INTO answer;
    PERFORM jwt.clear_session();
    RETURN answer;
END
$$;

-- ---------------------------------------------------------------------------
-- Without a session: NULL, and false

SELECT is(jwt.claims(), NULL, 'claims() without a session');
SELECT is(jwt.claim('sub'), NULL, 'claim() without a session');
SELECT is(jwt.subject(), NULL, 'subject() without a session');
SELECT is(jwt.user_id(), NULL, 'user_id() without a session');
SELECT is(jwt.issuer(), NULL, 'issuer() without a session');
SELECT is(jwt.client_id(), NULL, 'client_id() without a session');
SELECT is(jwt.audience(), NULL, 'audience() without a session');
SELECT is(jwt.scopes(), NULL, 'scopes() without a session');
SELECT is(jwt.has_scope('read'), false, 'has_scope() without a session');
SELECT is(jwt.has_any_scope('{read,write}'), false, 'has_any_scope() without a session');
SELECT is(jwt.has_role('admin'), false, 'has_role() without a session');
SELECT is(jwt.has_scope(NULL), false, 'has_scope(NULL) without a session');
SELECT is(jwt.has_any_scope(NULL), false, 'has_any_scope(NULL) without a session');
SELECT is(jwt.has_role(NULL), false, 'has_role(NULL) without a session');

-- ---------------------------------------------------------------------------
-- All of them under one token

BEGIN;
SELECT pg_temp.enter('{"sub": "6f1c2b7e-9a3d-4c58-8e21-0d4f5a6b7c8d", "aud": ["api", "files"], "client_id": "web",
                       "scope": "read write", "roles": ["editor", "author"]}') AS unused \gset
SELECT is(jwt.subject(), '6f1c2b7e-9a3d-4c58-8e21-0d4f5a6b7c8d', 'subject() is sub');
SELECT is(jwt.user_id(), '6f1c2b7e-9a3d-4c58-8e21-0d4f5a6b7c8d'::uuid, 'user_id() is sub as a UUID');
SELECT is(jwt.issuer(), 'https://accessors.test', 'issuer() is iss');
SELECT is(jwt.client_id(), 'web', 'client_id() is client_id');
SELECT is(jwt.audience(), '{api,files}', 'audience() is aud');
SELECT is(jwt.scopes(), '{read,write}', 'scopes() is scope');
SELECT is(jwt.has_scope('read'), true, 'has_scope: there');
SELECT is(jwt.has_scope('rea'), false, 'has_scope: a prefix is not the scope');
SELECT is(jwt.has_scope('READ'), false, 'has_scope: nor another case');
SELECT is(jwt.has_scope('read write'), false, 'has_scope: nor two of them');
SELECT is(jwt.has_scope(''), false, 'has_scope: nor nothing');
SELECT is(jwt.has_scope(NULL), false, 'has_scope: nor null');
SELECT is(jwt.has_any_scope('{delete,write}'), true, 'has_any_scope: one of them');
SELECT is(jwt.has_any_scope('{delete}'), false, 'has_any_scope: none of them');
SELECT is(jwt.has_any_scope('{}'), false, 'has_any_scope: of an empty list');
SELECT is(jwt.has_any_scope('{NULL}'), false, 'has_any_scope: of a null');
SELECT is(jwt.has_any_scope('{NULL,read}'), true, 'has_any_scope: a null beside one');
SELECT is(jwt.has_any_scope('{{delete,x},{y,write}}'), true, 'has_any_scope: two dimensions');
SELECT is(jwt.has_any_scope(NULL), false, 'has_any_scope: null');
SELECT is(jwt.has_role('editor'), true, 'has_role: there');
SELECT is(jwt.has_role('author'), true, 'has_role: any place in the list');
SELECT is(jwt.has_role('Editor'), false, 'has_role: another case is another role');
SELECT is(jwt.has_role('read'), false, 'has_role: a scope is no role');
SELECT is(jwt.has_role(NULL), false, 'has_role: null');
SELECT is(jwt.claims() #>> '{roles,1}', 'author', 'claims() has all of them');
SELECT is((SELECT count(*) FROM jsonb_object_keys(jwt.claims())), 9::bigint, '... those that jwt.issue added too');
COMMIT;

-- ---------------------------------------------------------------------------
-- claim(): what ->> gives

SELECT is(pg_temp.under(claims, 'jwt.claim(''x'')'), want, 'claim(): ' || what)
FROM (VALUES ('{"x": "text"}'::jsonb, 'text', 'a string'),
             ('{"x": ""}', '', 'an empty string'),
             ('{"x": "a \"quoted\" one\nü"}', E'a "quoted" one\nü', 'a string that JSON escapes'),
             ('{"x": 1.50}', '1.50', 'a number'),
             ('{"x": 123456789012345678901234567890}', '123456789012345678901234567890', 'a large number'),
             ('{"x": true}', 'true', 'a boolean'),
             ('{"x": null}', NULL, 'null'),
             ('{"x": [1, "b"]}', '[1, "b"]', 'a list'),
             ('{"x": {"a": 1}}', '{"a": 1}', 'an object'),
             ('{"y": 1}', NULL, 'absent'),
             ('{"y": {"x": 1}}', NULL, 'only top-level')) AS v (claims, want, what);
SELECT is(pg_temp.under('{"": "empty name"}', 'jwt.claim('''')'), 'empty name', 'claim(): of an empty name');
SELECT is(pg_temp.under('{"x": 1}', 'jwt.claim(NULL)'), NULL, 'claim(NULL)');
BEGIN;
SELECT pg_temp.enter('{"a": "1", "b": "2", "bb": "3"}') AS unused \gset
SELECT is(string_agg(jwt.claim(name), ' ' ORDER BY n), '1 2 1 3 2', 'claim(): the name may change from row to row')
FROM unnest(ARRAY['a', 'b', 'none', 'a', 'bb', NULL, 'b']) WITH ORDINALITY AS v (name, n);
COMMIT;

-- ---------------------------------------------------------------------------
-- user_id()

SELECT is(pg_temp.under('{"sub": "6F1C2B7E-9A3D-4C58-8E21-0D4F5A6B7C8D"}', 'jwt.user_id()'),
          '6f1c2b7e-9a3d-4c58-8e21-0d4f5a6b7c8d', 'user_id(): in capitals');
SELECT is(pg_temp.under('{}', 'jwt.user_id()'), NULL, 'user_id(): without sub');
SELECT throws_ok(format('SELECT pg_temp.under(%L, ''jwt.user_id()'')', jsonb_build_object('sub', sub)),
                 'JW041', 'session''s subject is not a UUID', 'user_id(): ' || quote_literal(sub))
FROM unnest(ARRAY['alice', '', '6f1c2b7e9a3d4c588e210d4f5a6b7c8d', '{6f1c2b7e-9a3d-4c58-8e21-0d4f5a6b7c8d}',
                  '6f1c2b7e-9a3d-4c58-8e21-0d4f5a6b7c8', '6f1c2b7e-9a3d-4c58-8e21-0d4f5a6b7c8g',
                  '6f1c2b7e-9a3d-4c588-e21-0d4f5a6b7c8d', ' 6f1c2b7e-9a3d-4c58-8e21-0d4f5a6b7c8d',
                  '6f1c2b7e-9a3d-4c58-8e21-0d4f5a6b7c8d''; --']) AS sub;
SELECT is(pg_temp.under('{"sub": "alice"}', 'jwt.subject()'), 'alice', 'a subject that is no UUID is a subject all the same');

-- ---------------------------------------------------------------------------
-- audience(), scopes(), client_id()

SELECT is(pg_temp.under(claims, expression), want, expression || ' of ' || claims)
FROM (VALUES ('{"aud": "api"}'::jsonb, 'jwt.audience()', '{api}'),
             ('{"aud": []}', 'jwt.audience()', '{}'),
             ('{"aud": "a b"}', 'jwt.audience()', '{"a b"}'),
             ('{}', 'jwt.audience()', NULL),
             ('{"scope": "a"}', 'jwt.scopes()', '{a}'),
             ('{"scope": ""}', 'jwt.scopes()', '{}'),
             ('{"scope": "  a   b "}', 'jwt.scopes()', '{a,b}'),
             ('{"scope": ["a", "b c"]}', 'jwt.scopes()', '{a,"b c"}'),
             ('{"scp": ["a", "b"]}', 'jwt.scopes()', '{a,b}'),
             ('{"scp": "a b"}', 'jwt.scopes()', '{a,b}'),
             ('{"scope": "a", "scp": ["b"]}', 'jwt.scopes()', '{a}'),
             ('{"scope": null, "scp": ["b"]}', 'jwt.scopes()', '{b}'),
             ('{}', 'jwt.scopes()', NULL),
             ('{"scp": ["a", "b"]}', 'jwt.has_scope(''b'')', 'true'),
             ('{"scope": "a", "scp": ["b"]}', 'jwt.has_scope(''b'')', 'false'),
             ('{"scope": ""}', 'jwt.has_scope('''')', 'false'),
             ('{}', 'jwt.has_scope(''a'')', 'false'),
             ('{"client_id": "web"}', 'jwt.client_id()', 'web'),
             ('{"azp": "web"}', 'jwt.client_id()', 'web'),
             ('{"client_id": "web", "azp": "other"}', 'jwt.client_id()', 'web'),
             ('{}', 'jwt.client_id()', NULL),
             ('{"sub": ""}', 'jwt.subject()', ''),
             ('{"sub": null}', 'jwt.subject()', NULL)) AS v (claims, expression, want);

-- A claim of the wrong kind is refused when the session is set, not row by row.
SELECT throws_ok(format('SELECT pg_temp.enter(%L)', claims), 'JW020', NULL, 'refused: ' || claims)
FROM unnest(ARRAY['{"sub": 1}', '{"sub": ["alice"]}', '{"client_id": 1}', '{"azp": {}}', '{"aud": 1}', '{"aud": ["a", 1]}',
                  '{"aud": {"a": 1}}', '{"scope": 1}', '{"scope": ["a", null]}', '{"scope": {"a": true}}', '{"scp": true}',
                  '{"roles": 1}', '{"roles": [["admin"]]}', '{"roles": {"admin": true}}']) AS claims;
SELECT is(jwt.claims(), NULL, '... and leaves no session');

-- ---------------------------------------------------------------------------
-- Roles, wherever the issuer's row says they are

SELECT is(pg_temp.under(claims, 'jwt.has_role(''admin'')', path), want, 'has_role at ' || path::text || ' of ' || claims)
FROM (VALUES ('{"roles": ["admin"]}'::jsonb, '{roles}'::text[], 'true'),
             ('{"roles": "admin"}', '{roles}', 'true'),
             ('{"roles": "admin editor"}', '{roles}', 'false'),
             ('{"roles": []}', '{roles}', 'false'),
             ('{"role": "admin"}', '{roles}', 'false'),
             ('{"role": "admin"}', '{role}', 'true'),
             ('{"realm_access": {"roles": ["user", "admin"]}}', '{realm_access,roles}', 'true'),
             ('{"realm_access": {"roles": ["user"]}, "roles": ["admin"]}', '{realm_access,roles}', 'false'),
             ('{"realm_access": {"roles": ["admin"]}}', '{roles}', 'false'),
             ('{"realm_access": ["admin"]}', '{realm_access,roles}', 'false'),
             ('{"realm_access": "admin"}', '{realm_access,roles}', 'false'),
             ('{"realm_access": null}', '{realm_access,roles}', 'false'),
             ('{"realm_access": {"roles": null}}', '{realm_access,roles}', 'false'),
             ('{"https://accessors.test/roles": ["admin"]}', '{https://accessors.test/roles}', 'true'),
             ('{"resource_access": {"a b": {"the \"roles\"": ["admin"]}}}', '{resource_access,"a b","the \"roles\""}', 'true'))
     AS v (claims, path, want);

-- ---------------------------------------------------------------------------
-- Large claims, and many

BEGIN;
SELECT pg_temp.enter(jsonb_build_object('sub', repeat('ü', 5000), 'scope',
    (SELECT string_agg('scope' || n, ' ') FROM generate_series(1, 1000) AS n))) IS NULL AS unused \gset
SELECT is(jwt.subject(), repeat('ü', 5000), 'a subject of 10,000 bytes');
SELECT is(cardinality(jwt.scopes()), 1000, 'a thousand scopes');
SELECT is(jwt.has_scope('scope1000'), true, '... of which the last is found');
SELECT is(jwt.has_scope('scope1001'), false, '... and one more is not');
COMMIT;

SELECT * FROM finish();
DELETE FROM jwt.issuers WHERE issuer = 'https://accessors.test';
