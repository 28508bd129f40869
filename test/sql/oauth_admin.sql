\i test/tap.psql
-- Administration of the authorization server: what administrators call, what it
-- refuses, and that what is revoked is.
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SET LOCAL oauth_jwt.password_cost = 10;

-- ---------------------------------------------------------------------------
-- Issuers

SELECT throws_ok($$ SELECT oauth.create_client('x') $$, '42704', 'there is no such issuer', 'no issuer yet');
SELECT throws_ok(format('SELECT oauth.create_issuer(%L)', url), '23514', NULL, 'no issuer: ' || url)
FROM unnest(ARRAY['auth.example.com', 'https://', 'https://a/', 'https://a?x', 'https://a#x', 'ftp://a', 'https://a b']) AS url;
SELECT oauth.create_issuer('https://auth.example.com') AS issuer_id \gset
SELECT is((SELECT display_name FROM oauth.issuers), 'auth.example.com', 'its name is the host, unless another is given');
SELECT throws_ok($$ SELECT oauth.create_issuer('https://auth.example.com') $$, '23505', NULL, 'once only');
SELECT is((SELECT type FROM jwt.issuers WHERE issuer = 'https://auth.example.com'), 'at+jwt', 'only its access tokens open a session');
SAVEPOINT s;
SELECT oauth.create_issuer('https://second.example.com') \g /dev/null
SELECT throws_ok($$ SELECT oauth.create_client('x') $$, '42P08', 'there is more than one issuer', 'with two, one must be named');
SELECT lives_ok($$ SELECT oauth.create_client('x', issuer => 'https://second.example.com') $$, '... and then it is the one');
ROLLBACK TO s;

-- ---------------------------------------------------------------------------
-- Functions of the operator's own

CREATE SCHEMA app;
CREATE FUNCTION app.authenticate(username text, password text) RETURNS text LANGUAGE sql AS $$ SELECT 'app-' || username WHERE password = 'sesame' $$;
CREATE FUNCTION app.claims(subject text, client_id text, scopes text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('role', 'api_user', 'sub', 'mallory', 'iss', 'https://evil.example.com', 'exp', 99999999999, 'scope', 'everything', 'cnf', '{}') $$;
CREATE FUNCTION app.wrong(integer) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
SELECT lives_ok($$ SELECT oauth.set_authenticate_function('app.authenticate(text, text)') $$, 'a log-in function');
SELECT throws_ok($$ SELECT oauth.set_authenticate_function('app.wrong(integer)') $$, '42P13', 'the function is not of the form (text, text) returning text or jsonb', '... must have its form');
CREATE FUNCTION app.many(text, text) RETURNS SETOF text LANGUAGE sql AS 'VALUES (NULL), ($1)';
SELECT throws_ok($$ SELECT oauth.set_authenticate_function('app.many(text, text)') $$, '42P13', NULL, '... and return one subject');
SELECT lives_ok($$ SELECT oauth.set_claims_function('app.claims(text, text, text[])') $$, 'a claims function');
SELECT throws_ok($$ SELECT oauth.set_claims_function('app.authenticate(text, text)') $$, '42P13', NULL, '... must have its form');
CREATE FUNCTION app.authenticate(text, text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT 'root' $$;
CREATE FUNCTION app.claims(text) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"role": "root"}'::jsonb $$;
SELECT is((oauth.authenticate_user(i, 'bob', 'sesame')).subject, 'app-bob', 'logging in by the function, and by no other of its name') FROM oauth.issuers AS i;
SELECT is((oauth.authenticate_user(i, 'bob', 'wrong')).subject, NULL, '... refused by it') FROM oauth.issuers AS i;
SELECT is((SELECT count(*) FROM oauth.users WHERE subject = 'app-bob'), 1::bigint, 'its subject has a row, for grants and sessions');
UPDATE oauth.users SET enabled = false;
SELECT is((oauth.authenticate_user(i, 'bob', 'sesame')).subject, NULL, '... which may be disabled') FROM oauth.issuers AS i;

SELECT oauth.create_resource('https://api.example.com', 'API', '{"read": "Read"}', is_default => true);
SELECT client_id AS machine, client_secret AS secret FROM oauth.create_client('Machine', scopes => '{read}', grant_types => '{client_credentials}') \gset
SELECT pg_temp.json(pg_temp.post('/token', 'grant_type=client_credentials', pg_temp.basic(:'machine', :'secret'))) ->> 'access_token' AS token \gset
SELECT is(jwt.verify(:'token') - '{exp,iat,jti}'::text[],
          jsonb_build_object('iss', 'https://auth.example.com', 'aud', 'https://api.example.com', 'sub', :'machine', 'client_id', :'machine', 'scope', 'read', 'role', 'api_user'),
          'claims of the function''s, but none that the protocol needs');
SELECT lives_ok($$ SELECT oauth.set_authenticate_function(NULL), oauth.set_claims_function(NULL) $$, 'back to our own');

-- ---------------------------------------------------------------------------
-- Clients

SELECT throws_ok(format('SELECT oauth.create_client(''x'', ARRAY[%L])', uri), '22023', 'a redirect URI is not acceptable', 'redirect URI: ' || uri)
FROM unnest(ARRAY['/cb', 'javascript:alert(1)', 'data:text/html,x', 'https://a.example.com/#f', 'http://a.example.com/', 'https://user@a.example.com/', 'https:///cb', 'com.example.app:/cb',
                  'http://127.0.0.1.evil.com/', 'http://localhost.evil.com/', 'https://a.example.com/ b', 'https://a.example.com/<x>', 'HTTPS://A.EXAMPLE.COM/']) AS uri;
SELECT lives_ok(format('SELECT oauth.create_client(''x'', ARRAY[%L], application_type => ''native'')', uri), 'redirect URI: ' || uri)
FROM unnest(ARRAY['https://a.example.com/cb?x=1', 'http://127.0.0.1/cb', 'http://127.0.0.1:8080/cb', 'http://[::1]/', 'http://localhost/cb', 'com.example.app:/cb']) AS uri;
SELECT oauth.create_client('sector', ARRAY[uri], application_type => 'native', subject_type => 'pairwise')
FROM unnest(ARRAY['https://a.example.com/1', 'https://a.example.com/2', 'http://127.0.0.1/cb', 'http://127.0.0.1/cb']) AS uri \g /dev/null
SELECT is((SELECT count(DISTINCT c.sector_identifier) FROM oauth.clients AS c WHERE c.client_name = 'sector'), 3::bigint, 'a site is a sector, two programs on the user''s machine are two (OpenID Connect Core 1.0 8.1)');
SELECT throws_ok(format('UPDATE oauth.clients SET %I = ARRAY[%L] WHERE client_id = (SELECT min(client_id) FROM oauth.clients)', col, uri), '23514', NULL, 'nor by an UPDATE: ' || col || ' ' || coalesce(uri, 'NULL'))
FROM unnest('{redirect_uris,post_logout_redirect_uris}'::text[]) AS col, unnest(ARRAY['javascript:alert(1)', 'http://a.example.com/', NULL]) AS uri;
SELECT throws_ok($$ UPDATE oauth.clients SET application_type = 'web' WHERE redirect_uris = '{com.example.app:/cb}' $$, '23514', NULL, '... nor when the client is no longer one that may');
SELECT throws_ok($$ SELECT oauth.create_client('x', scopes => '{nothing}') $$, '42704', 'scope "nothing" does not exist', 'an unknown scope');
SELECT throws_ok($$ SELECT oauth.create_client('x', resources => '{https://nothing.example.com}') $$, '42704', 'resource "https://nothing.example.com" does not exist', 'an unknown resource');
SELECT lives_ok($$ SELECT oauth.create_client('x', resources => '{https://api.example.com,https://auth.example.com}') $$, '... none is one that is made, nor the issuer itself');
SELECT throws_ok($$ SELECT oauth.create_client('x', token_endpoint_auth_method => 'private_key_jwt') $$, '23514', NULL, 'private_key_jwt needs keys');
SELECT throws_ok($$ SELECT oauth.create_client('x', grant_types => '{client_credentials}', token_endpoint_auth_method => 'none') $$, '23514', NULL, 'a public client cannot act for itself');
SELECT is((SELECT count(*) FROM oauth.client_secrets AS s WHERE s::text ~ :'secret'), 0::bigint, 'secrets are not stored as they are');
SELECT is((SELECT client_secret FROM oauth.create_client('x', token_endpoint_auth_method => 'none')), NULL, 'a public client has none');

CREATE FUNCTION pg_temp.works(client_id text, secret text) RETURNS boolean LANGUAGE sql AS
    $$ SELECT (pg_temp.post('/token', 'grant_type=client_credentials', pg_temp.basic(client_id, secret))).status = 200 $$;
SELECT oauth.rotate_client_secret(:'machine') AS second \gset
SELECT ok(pg_temp.works(:'machine', :'secret') AND pg_temp.works(:'machine', :'second'), 'two secrets work while they are exchanged');
SELECT oauth.rotate_client_secret(:'machine', old_expires_in => '0') AS third \gset
SELECT ok(pg_temp.works(:'machine', :'third'), 'the third works');
SELECT ok(NOT pg_temp.works(:'machine', :'secret'), '... the first, whose slot it took, does not');
SELECT ok(NOT pg_temp.works(:'machine', :'second'), '... nor the second, which has come to its end');
SELECT throws_ok($$ SELECT oauth.rotate_client_secret('nobody') $$, '42704', NULL, 'no such client');
SELECT throws_ok(format('SELECT oauth.rotate_client_secret(%L)', client_id), '55000', NULL, 'a client without secrets')
FROM oauth.clients WHERE token_endpoint_auth_method = 'none' LIMIT 1;

SELECT is(oauth.disable_client(:'machine'), true, 'disabled');
SELECT is(oauth.disable_client(:'machine'), false, '... once');
SELECT is(oauth.is_revoked(jwt.verify(:'token')), true, '... with its tokens');
SELECT ok(NOT pg_temp.works(:'machine', :'third'), '... and refused');
SELECT is(oauth.enable_client(:'machine'), true, 'enabled again');
SELECT ok(pg_temp.works(:'machine', :'third'), '... it is accepted');
SELECT is(oauth.is_revoked(jwt.verify(:'token')), true, '... its old tokens are not');

-- ---------------------------------------------------------------------------
-- Users

SELECT oauth.create_user('Alice', 'correct horse', '{"name": "Alice"}') AS alice \gset
SELECT throws_ok($$ SELECT oauth.create_user('ALICE') $$, '23505', NULL, 'names differ by more than their case');
SELECT is((oauth.authenticate_user(i, 'alice', 'correct horse')).subject, :'alice', 'she can log in') FROM oauth.issuers AS i;
SELECT is(oauth.set_password('alice', 'battery staple'), true, 'her password is set');
SELECT is((oauth.authenticate_user(i, 'alice', 'correct horse')).subject, NULL, '... the old one is not good any more') FROM oauth.issuers AS i;
SELECT is(oauth.set_password('nobody', 'x'), false, 'nobody''s is not');
SELECT is((SELECT count(*) FROM oauth.users AS u WHERE u::text ~ 'horse|staple'), 0::bigint, 'no password is stored as it is');
SELECT throws_ok(format('SELECT oauth.create_user(''x'', subject => %L)', :'machine'), '23505', 'a user and a client cannot have the same sub', 'no user is taken for a client (RFC 9068 5)');
SELECT throws_ok(format('SELECT oauth.create_client(''x'', client_id => %L)', :'alice'), '23505', 'a user and a client cannot have the same sub', '... nor a client for a user');
SELECT throws_ok(format('UPDATE oauth.users SET subject = %L WHERE subject = %L', :'machine', :'alice'), '23505', 'a user and a client cannot have the same sub', '... nor later');
SELECT oauth.create_user('nopassword') AS nopassword \gset
SELECT is((oauth.authenticate_user(i, 'nopassword', '')).subject, NULL, 'without a password nobody logs in by one') FROM oauth.issuers AS i;

CREATE FUNCTION pg_temp.token() RETURNS text LANGUAGE sql AS $$
    WITH f AS (INSERT INTO oauth.token_families (issuer_id, client_id, subject, scopes, expires_at)
               SELECT c.issuer_id, c.client_id, u.subject, '{openid}', now() + interval '1 day'
               FROM oauth.clients AS c JOIN oauth.users AS u USING (issuer_id) WHERE c.client_name = 'Machine' AND u.username = 'Alice' RETURNING *)
    SELECT (oauth.issue_access_token(i, c, f::oauth.token_families, f.scopes, '{}')).token
    FROM f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id)
$$;
DELETE FROM oauth.revocations;
SELECT pg_temp.token() AS token \gset
SELECT is(oauth.is_revoked(jwt.verify(:'token')), false, 'her token stands');
SAVEPOINT s;
SELECT oauth.revoke_user(:'alice');
SELECT is(oauth.is_revoked(jwt.verify(:'token')), true, 'revoke_user: revoked');
SELECT is((SELECT count(*) FROM oauth.active_tokens), 0::bigint, '... and no authorization of hers stands');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'user_revoked' AND subject = :'alice'), 1::bigint, '... as the audit says');
ROLLBACK TO s;
UPDATE oauth.clients SET subject_type = 'pairwise', sector_identifier = 'x' WHERE client_name = 'Machine';
SELECT pg_temp.token() AS pairwise \gset
DELETE FROM oauth.token_families;
SELECT oauth.revoke_user(:'alice');
SELECT is(oauth.is_revoked(jwt.verify(:'pairwise')), true, '... also where the client knows her by another sub');
ROLLBACK TO s;
SELECT is(oauth.disable_user(:'alice'), true, 'disable_user');
SELECT is((oauth.authenticate_user(i, 'alice', 'battery staple')).subject, NULL, '... she cannot log in') FROM oauth.issuers AS i;
SELECT is(oauth.is_revoked(jwt.verify(:'token')), true, '... and her tokens are revoked');
SELECT is(oauth.disable_user(:'alice'), false, '... once');
SELECT is(oauth.enable_user(:'alice'), true, 'enable_user');
SELECT is((oauth.authenticate_user(i, 'alice', 'battery staple')).subject, :'alice', '... she can log in again') FROM oauth.issuers AS i;
SELECT is(oauth.is_revoked(jwt.verify(:'token')), true, '... but her tokens stay revoked');
SELECT is(oauth.enable_user(:'alice'), false, '... once');
SELECT is((SELECT array_agg(a.event ORDER BY a.audit_id) FROM oauth.audit AS a WHERE a.subject = :'alice' AND a.event ~ 'able'), '{user_disabled,user_enabled}', '... both as the audit says');
ROLLBACK TO s;
SELECT oauth.revoke_all();
SELECT is(oauth.is_revoked(jwt.verify(:'token')), true, 'revoke_all');
ROLLBACK TO s;
-- A backup is restored: whatever it brings back, used or revoked since, ends with one call; and so does what was issued after it, of which it knows nothing.
INSERT INTO oauth.resources (issuer_id, resource, resource_name, access_token_format) SELECT issuer_id, 'https://opaque.example.com', 'Opaque', 'opaque' FROM oauth.issuers;
SELECT client_id AS app FROM oauth.create_client('App', '{https://app.example.com/cb}', '{openid,offline_access}', '{authorization_code,refresh_token,urn:ietf:params:oauth:grant-type:device_code}', client_id => 'app', token_endpoint_auth_method => 'none') \gset
SELECT pg_temp.new_family('app', :'alice', 'openid offline_access') AS family, pg_temp.session_of(:'alice') AS session \gset
SELECT pg_temp.new_code(:'family') AS code, oauth.issue_refresh_token(i, f) AS refresh, (oauth.issue_access_token(i, c, f, f.scopes, '{https://opaque.example.com}')).token AS opaque,
       oauth.access_token_claims(i, (oauth.issue_access_token(i, c, NULL, '{}', '{}')).token) AS unknown
FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id) WHERE f.family_id = :'family' \gset
SELECT pg_temp.json(pg_temp.post('/device_authorization', 'client_id=app&scope=openid')) AS device \gset
CREATE FUNCTION pg_temp.standing(code text, refresh text, opaque text, session jsonb, device text, unknown jsonb) RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(what) FROM (VALUES
        ('code', pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', 'authorization_code', 'client_id', 'app', 'code', code, 'redirect_uri', 'https://app.example.com/cb', 'code_verifier', 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'))) = '200'),
        ('refresh token', pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', 'refresh_token', 'client_id', 'app', 'refresh_token', refresh))) = '200'),
        ('opaque token', (pg_temp.get('/userinfo', '', pg_temp.bearer(opaque))).status = 200),
        ('session', pg_temp.user_of(session) IS NOT NULL),
        ('device code', pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', 'urn:ietf:params:oauth:grant-type:device_code', 'client_id', 'app', 'device_code', device))) = '400 authorization_pending'),
        ('JWT of a client', NOT oauth.is_revoked(unknown))) AS v (what, stands) WHERE stands
$$;
SAVEPOINT backup;
SELECT is(pg_temp.standing(:'code', :'refresh', :'opaque', :'session', :'device'::jsonb ->> 'device_code', :'unknown'), '{code,refresh token,opaque token,session,device code,JWT of a client}', 'what a backup may hold');
ROLLBACK TO backup;
SELECT oauth.revoke_all();
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'all_revoked'), 1::bigint, '... as the audit says');
SELECT is(pg_temp.standing(:'code', :'refresh', :'opaque', :'session', :'device'::jsonb ->> 'device_code', :'unknown'), NULL, '... ends with revoke_all');
SELECT is(oauth.is_revoked(:'unknown'::jsonb || jsonb_build_object('iat', extract(epoch FROM clock_timestamp())::bigint + 1, 'jti', 'x')), false, '... but not what is issued from then on');
ROLLBACK TO s;

-- ---------------------------------------------------------------------------
-- Health: each finding once, and none after its remedy, pasted as it is
INSERT INTO jwt.issuers (issuer) VALUES ('http://plain.example.com');
INSERT INTO oauth.issuers (issuer, display_name, require_pkce) VALUES ('http://plain.example.com', 'x', false);
SELECT oauth.create_client('Legacy', '{https://a.example.com/}', grant_types => '{password}', scopes => '{read}', secret_expires_in => '1 day', issuer => 'https://auth.example.com') \g /dev/null
UPDATE oauth.client_secrets SET expires_at = now() - interval '1 day' WHERE client_id = :'machine';
UPDATE jwt.keys SET activated_at = now() - interval '1 year' WHERE issuer = 'https://auth.example.com' AND state = 'active';
INSERT INTO oauth.revocations (issuer_id, kind, id, expires_at) SELECT i.issuer_id, 'token', 'x', now() - interval '2 days' FROM oauth.issuers AS i WHERE i.issuer = 'https://auth.example.com';
SET LOCAL log_min_duration_statement = 1000;
SET LOCAL log_parameter_max_length_on_error = -1;
CREATE TEMP TABLE found AS SELECT * FROM oauth.health() ORDER BY finding COLLATE "C";
SELECT is((SELECT string_agg(f.severity, ', ') FROM found AS f WHERE f.finding ~ w.finding), w.severity, 'health: ' || w.finding)
FROM (VALUES ('critical', 'plain.example.com is served over http'), ('critical', 'private keys are stored in the clear'),
             ('critical', 'log_min_duration_statement is 1000'), ('critical', 'log_parameter_max_length_on_error is not 0'),
             ('warning', 'client Legacy .* may use the password grant'), ('warning', 'plain.example.com does not require PKCE'),
             ('warning', 'client Machine .* has no secret that is good'), ('warning', 'secret of client Legacy .* expires within a week'),
             ('critical', 'http://plain.example.com has no active signing key'), ('warning', 'https://auth.example.com is more than 90 days old'),
             ('warning', 'expired rows wait')) AS w (severity, finding);
SELECT is((SELECT count(*) FROM found), 11::bigint, '... and nothing else');
\o /dev/null
SELECT remedy FROM found WHERE remedy !~ '^(ALTER SYSTEM|--)' \gexec
\o
SELECT set_eq('SELECT finding, remedy FROM oauth.health()', $$ SELECT finding, remedy FROM found WHERE remedy ~ '^(ALTER SYSTEM|--)' OR finding ~ '^private keys' $$,
              'each remedy helps: what is left takes a key file, an ALTER SYSTEM or another URL');
SELECT is((SELECT array_agg(remedy ORDER BY remedy) FROM found WHERE remedy ~ '^ALTER'),
          '{ALTER SYSTEM SET log_parameter_max_length = 0; SELECT pg_reload_conf();,ALTER SYSTEM SET log_parameter_max_length_on_error = 0; SELECT pg_reload_conf();}',
          '... which are not for a transaction');

SELECT * FROM finish();
ROLLBACK;
