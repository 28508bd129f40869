\i test/tap.psql
-- The password grant, legacy and off by default (RFC 6749 4.3, RFC 9700 2.4).
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SET LOCAL oauth_jwt.password_cost = 10;
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT oauth.create_user('alice', 'correct horse battery staple') AS alice \gset
SELECT client_secret FROM oauth.create_client('Old', client_id => 'old', scopes => '{openid,offline_access}') \gset

CREATE FUNCTION pg_temp.ask(secret text, username text, password text, scope text DEFAULT 'openid offline_access') RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/token', oauth.form_of('grant_type', 'password', 'username', username, 'password', password, 'scope', scope), pg_temp.basic('old', secret))
$$;

SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret', 'alice', 'correct horse battery staple')), '400 unauthorized_client', 'off by default');
SELECT is(pg_temp.json(pg_temp.get('/.well-known/oauth-authorization-server')) -> 'grant_types_supported' ? 'password', false, '... and not advertised');
UPDATE oauth.clients SET grant_types = '{password,refresh_token}';
SELECT is(pg_temp.json(pg_temp.get('/.well-known/oauth-authorization-server')) -> 'grant_types_supported' ? 'password', true, 'on for a client: advertised');

SELECT r AS response, pg_temp.json(r) AS tokens FROM pg_temp.ask(:'client_secret', 'Alice', 'correct horse battery staple') AS r \gset
SELECT is((:'response'::oauth.response).status, 200, 'the right password');
SELECT ok(:'tokens'::jsonb ?& '{access_token,refresh_token,id_token}', '... brings tokens');
SELECT is(pg_temp.access(:'response') ->> 'sub', :'alice', '... of the user');
SELECT is(pg_temp.access(:'response') -> 'amr', '["pwd"]', '... by password');
SELECT is((SELECT array_agg(event) FROM oauth.audit WHERE event ~ 'token_issued'), '{token_issued_legacy}', '... in the audit trail as legacy');
SELECT is((pg_temp.post('/token', 'grant_type=refresh_token&refresh_token=' || (:'tokens'::jsonb ->> 'refresh_token'), pg_temp.basic('old', :'client_secret'))).status, 200, '... which can be refreshed');

SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret', 'alice', 'correct horse battery staple', s)), '400 invalid_scope', 'scope: ' || coalesce(s, 'none')) FROM unnest(ARRAY['email', 'openid email', NULL]) AS s;
SELECT is(pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', 'password', 'username', 'alice', 'password', 'correct horse battery staple', 'scope', 'openid', 'resource', r),
    pg_temp.basic('old', :'client_secret'))), '400 invalid_target', 'resource: ' || r) FROM unnest(ARRAY['https://nobody.example', 'https://auth.example.com#x', '/api']) AS r;
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret', u, p)), '400 invalid_request', 'missing') FROM (VALUES ('alice', NULL), (NULL, 'x')) AS v (u, p);
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret', 'alice', 'wrong')), '400 invalid_grant', 'a wrong password');
SELECT is(pg_temp.ask(:'client_secret', 'alice', 'wrong'), pg_temp.ask(:'client_secret', 'nobody', 'wrong'), '... looks like an unknown user');
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret', 'alice', repeat('x', 257))), '400 invalid_grant', 'a password that is too long to be hashed');
SAVEPOINT s;
UPDATE oauth.users SET enabled = false;
SELECT is(pg_temp.outcome(pg_temp.ask(:'client_secret', 'alice', 'correct horse battery staple')), '400 invalid_grant', 'a disabled user');
ROLLBACK TO s;

-- The attacker guesses here rather than on the log-in page.
SELECT pg_temp.ask(:'client_secret', 'alice', 'guess ' || n) FROM generate_series(1, 6) AS n \g /dev/null
SELECT pg_temp.ask(:'client_secret', 'alice', 'correct horse battery staple') AS answer \gset
SELECT is(pg_temp.outcome(:'answer'), '429 invalid_grant', 'after some guesses even the right one has to wait');
SELECT matches(pg_temp.header(:'answer', 'retry-after'), '^[1-9][0-9]?$', '... as long as it is told');
SELECT is(oauth.login_throttled(i, 'alice', '192.0.2.1') > '0', true, '... on the log-in page too') FROM oauth.issuers AS i;
UPDATE oauth.throttle SET failed_at = failed_at - interval '1 minute';
SELECT is((pg_temp.ask(:'client_secret', 'alice', 'correct horse battery staple')).status, 200, '... not for good');
SELECT is((SELECT failures FROM oauth.throttle WHERE kind = 'user_address' AND id_hash = oauth.hash_token(oauth.user_address('alice', '192.0.2.1'))), 0, '... and a success clears the count');
SELECT is((SELECT count(*) FROM oauth.audit AS a WHERE a::text ~ 'horse|guess'), 0::bigint, 'no password in the audit trail');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing was unforeseen');
SELECT * FROM finish();
ROLLBACK;
