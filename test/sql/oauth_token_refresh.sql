\i test/tap.psql
-- The refresh token grant (RFC 6749 6, RFC 9700 4.14.2).
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT oauth.create_user('alice') AS alice \gset
SELECT oauth.create_resource('https://api.example.com', 'API', '{"read": "Read", "write": "Write"}') \g /dev/null
SELECT oauth.create_resource('https://other.example.com', 'Other') \g /dev/null
SELECT client_id AS app FROM oauth.create_client('App', '{https://app.example.com/cb}', '{openid,offline_access,read,write}', client_id => 'app', token_endpoint_auth_method => 'none') \gset
SELECT client_id AS app2 FROM oauth.create_client('App 2', '{https://app.example.com/cb}', '{openid,read}', client_id => 'app2', token_endpoint_auth_method => 'none') \gset

CREATE FUNCTION pg_temp.start(scope text DEFAULT 'openid offline_access read write', resources text[] DEFAULT '{https://api.example.com,https://other.example.com}',
    grant_id uuid DEFAULT NULL, sid uuid DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id uuid := pg_temp.new_family('app', (SELECT subject FROM oauth.users WHERE username = 'alice'), scope, resources, grant_id, sid);
BEGIN
    RETURN (SELECT oauth.issue_refresh_token(i, f) FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) WHERE f.family_id = id);
END
$$;
CREATE FUNCTION pg_temp.refresh(token text, more text DEFAULT '', client_id text DEFAULT 'app') RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/token', oauth.form_of('grant_type', 'refresh_token', 'client_id', client_id, 'refresh_token', token) || more)
$$;

-- ---------------------------------------------------------------------------
-- Rotation

SELECT pg_temp.new_family('app', :'alice', 'openid offline_access read write', '{https://api.example.com,https://other.example.com}') AS family \gset
SELECT oauth.issue_refresh_token(i, f) AS first FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) WHERE f.family_id = :'family' \gset
SELECT r AS response, pg_temp.json(r) AS tokens FROM pg_temp.refresh(:'first') AS r \gset
SELECT is((:'response'::oauth.response).status, 200, 'a refresh token brings tokens');
SELECT is(pg_temp.header(:'response', 'cache-control'), 'no-store', '... not to be stored');
SELECT is(:'tokens'::jsonb - '{access_token,refresh_token,id_token}'::text[], '{"token_type": "Bearer", "expires_in": 600, "scope": "openid offline_access read write"}', '... with the scopes of the family');
SELECT is(pg_temp.access(:'response') - '{iat,exp,jti,auth_time}'::text[], jsonb_build_object('iss', 'https://auth.example.com', 'sub', :'alice', 'client_id', 'app', 'family_id', :'family', 'amr', '["pwd"]'::jsonb,
    'aud', '["https://api.example.com", "https://other.example.com"]'::jsonb, 'scope', 'openid offline_access read write'), '... an access token');
SELECT jwt.verify(:'tokens'::jsonb ->> 'id_token', key => jwt.jwks('https://auth.example.com'), audience => '{app}', type => 'JWT') AS id \gset
SELECT is(:'id'::jsonb - '{iat,exp,jti,at_hash}'::text[], jsonb_build_object('iss', 'https://auth.example.com', 'sub', :'alice', 'aud', 'app', 'amr', '["pwd"]'::jsonb,
    'auth_time', extract(epoch FROM date_trunc('second', now() - interval '5 minutes'))::bigint), '... an ID token: same sub and auth_time, no nonce (OpenID Connect Core 1.0 12.2)');
SELECT isnt(:'tokens'::jsonb ->> 'refresh_token', :'first', '... and another refresh token');
SELECT is((SELECT array_agg(detail) FROM oauth.audit WHERE event = 'token_issued' AND subject = :'alice'), ARRAY[jsonb_build_object('grant_type', 'refresh_token', 'family_id', :'family')], '... and a line in the audit trail');
SELECT is((SELECT array_agg(generation ORDER BY generation) FROM oauth.refresh_tokens WHERE family_id = :'family'), '{1,2}', '... of the next generation');
SELECT is((pg_temp.refresh(:'tokens'::jsonb ->> 'refresh_token')).status, 200, '... which works');

-- ---------------------------------------------------------------------------
-- Reuse: the attacker has stolen a token that its owner has used, or will use.

SELECT is(pg_temp.outcome(pg_temp.refresh(:'first')), '400 invalid_grant', 'a token that was used');
SELECT is((SELECT revoked_at IS NOT NULL FROM oauth.token_families WHERE family_id = :'family'), true, '... ends its family');
SELECT is((SELECT count(*) FROM oauth.refresh_tokens WHERE family_id = :'family' AND consumed_at IS NULL), 1::bigint, '... in which one was not used');
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'tokens'::jsonb ->> 'access_token'))).status, 401, '... its access tokens');
SELECT is((SELECT detail FROM oauth.audit WHERE event = 'refresh_token_reused'), jsonb_build_object('family_id', :'family', 'generation', 1), '... and is in the audit trail');
SELECT pg_temp.start() AS token \gset
SELECT pg_temp.json(pg_temp.refresh(:'token')) ->> 'refresh_token' AS next \gset
SELECT pg_temp.refresh(:'token') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.refresh(:'next')), '400 invalid_grant', 'the newest one of a family that was revoked');
SELECT is(pg_temp.outcome(pg_temp.refresh(:'next', client_id => 'app2')), '400 invalid_grant', 'the same by another client');

SELECT pg_temp.start() AS token \gset
SELECT pg_temp.json(pg_temp.refresh(:'token')) ->> 'refresh_token' AS next \gset
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token', client_id => 'app2')), '400 invalid_grant', 'reuse by another client');
SELECT is((pg_temp.refresh(:'next')).status, 200, '... ends nothing of the owner''s');

SELECT pg_temp.start() AS token \gset
UPDATE oauth.issuers SET refresh_token_grace = '30 seconds';
SELECT pg_temp.json(pg_temp.refresh(:'token')) ->> 'refresh_token' AS next \gset
SELECT is((pg_temp.refresh(:'token')).status, 200, 'within the grace it comes again');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'refresh_token_grace'), 1::bigint, '... which is in the audit trail');
SELECT is((SELECT count(*) FROM oauth.active_tokens AS t WHERE t.family_id = (SELECT r.family_id FROM oauth.refresh_tokens AS r WHERE r.token_hash = oauth.hash_token(:'token'))),
    1::bigint, '... and one authorization, though it has two tokens');
SELECT is((pg_temp.refresh(:'next')).status, 200, '... and ends nothing');
UPDATE oauth.refresh_tokens SET consumed_at = consumed_at - interval '31 seconds' WHERE consumed_at IS NOT NULL;
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '400 invalid_grant', 'after the grace it does not');
SELECT throws_ok($$UPDATE oauth.issuers SET refresh_token_grace = '61 seconds'$$, '23514', NULL, 'a minute at most');
UPDATE oauth.issuers SET refresh_token_grace = '0';

-- ---------------------------------------------------------------------------
-- What a token is bound to

SELECT pg_temp.start() AS token \gset
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token', client_id => 'app2')), '400 invalid_grant', 'another client''s token');
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token', '&scope=' || s)), '400 invalid_scope', 'scope: ' || s)
FROM unnest(ARRAY['email', 'read%20email', 'read%20%20write', 'r%22', '%20read']) AS s;
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token', '&resource=' || oauth.form_encode(r))), '400 invalid_target', 'resource: ' || r)
FROM unnest(ARRAY['https://nobody.example', 'https://api.example.com/', 'api']) AS r;
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '200', '... and none of these has used it up');
SELECT is(pg_temp.outcome(pg_temp.post('/token', form)), outcome, form)
FROM (VALUES ('grant_type=refresh_token&client_id=app', '400 invalid_request'), ('grant_type=refresh_token&client_id=app&refresh_token=', '400 invalid_request'),
    ('grant_type=refresh_token&client_id=app&refresh_token=x', '400 invalid_grant'), ('grant_type=refresh_token&client_id=app&refresh_token=a&refresh_token=b', '400 invalid_request'),
    ('grant_type=refresh_token&refresh_token=x', '401 invalid_client')) AS v (form, outcome);
UPDATE oauth.clients SET grant_types = '{authorization_code}' WHERE client_id = 'app';
SELECT is(pg_temp.outcome(pg_temp.refresh(pg_temp.start())), '400 unauthorized_client', 'a client that may not use it any more');
UPDATE oauth.clients SET grant_types = '{authorization_code,refresh_token}' WHERE client_id = 'app';

-- Less than was granted, this time (RFC 6749 6, RFC 8707 2.2).
SELECT pg_temp.start() AS token \gset
SELECT r AS response, pg_temp.json(r) AS tokens FROM pg_temp.refresh(:'token', '&scope=read&resource=https%3A%2F%2Fapi.example.com') AS r \gset
SELECT is(:'tokens'::jsonb ->> 'scope', 'read', 'fewer scopes');
SELECT is(pg_temp.access(:'response') ->> 'scope', 'read', '... in the token too');
SELECT is(pg_temp.access(:'response') ->> 'aud', 'https://api.example.com', '... for one resource');
SELECT is(:'tokens'::jsonb ? 'id_token', false, '... without openid no ID token');
SELECT is(pg_temp.json(pg_temp.refresh(:'tokens'::jsonb ->> 'refresh_token')) ->> 'scope', 'openid offline_access read write', 'the next time all of them again');

-- ---------------------------------------------------------------------------
-- Its end

SELECT pg_temp.start() AS token \gset
UPDATE oauth.refresh_tokens SET expires_at = clock_timestamp() WHERE token_hash = oauth.hash_token(:'token');
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '400 invalid_grant', 'idle for too long');
SELECT pg_temp.start() AS token \gset
UPDATE oauth.token_families AS f SET expires_at = clock_timestamp() FROM oauth.refresh_tokens AS t WHERE t.family_id = f.family_id AND t.token_hash = oauth.hash_token(:'token');
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '400 invalid_grant', 'the family''s life is over');
SELECT pg_temp.start() AS token \gset
UPDATE oauth.token_families AS f SET expires_at = now() + interval '1 hour' FROM oauth.refresh_tokens AS t WHERE t.family_id = f.family_id AND t.token_hash = oauth.hash_token(:'token');
SELECT pg_temp.json(pg_temp.refresh(:'token')) ->> 'refresh_token' AS next \gset
SELECT is((SELECT expires_at FROM oauth.refresh_tokens WHERE token_hash = oauth.hash_token(:'next')), now() + interval '1 hour', 'rotation does not lengthen the family''s life');
UPDATE oauth.issuers SET refresh_token_idle_lifetime = '10 minutes';
SELECT pg_temp.start() AS token \gset
SELECT ok(expires_at BETWEEN now() + interval '10 minutes' AND clock_timestamp() + interval '10 minutes', 'unused, a token lives for the idle lifetime') FROM oauth.refresh_tokens WHERE token_hash = oauth.hash_token(:'token');
UPDATE oauth.refresh_tokens SET expires_at = clock_timestamp() + interval '1 minute' WHERE token_hash = oauth.hash_token(:'token');
SELECT pg_temp.json(pg_temp.refresh(:'token')) ->> 'refresh_token' AS next \gset
SELECT ok(expires_at BETWEEN now() + interval '10 minutes' AND clock_timestamp() + interval '10 minutes', '... which begins anew with the next one') FROM oauth.refresh_tokens WHERE token_hash = oauth.hash_token(:'next');

SAVEPOINT s;
SELECT pg_temp.start() AS token \gset
SELECT oauth.disable_user(:'alice') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '400 invalid_grant', 'the user is disabled');
ROLLBACK TO s;
SELECT pg_temp.start() AS token \gset
UPDATE oauth.users SET enabled = false;
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '400 invalid_grant', 'the user is disabled by hand');
ROLLBACK TO s;
SELECT pg_temp.start() AS token \gset
SELECT oauth.revoke_all() \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '400 invalid_grant', 'everything was revoked');
ROLLBACK TO s;
SELECT pg_temp.start() AS token \gset
SELECT oauth.disable_client('app') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '401 invalid_client', 'the client is disabled');
SELECT oauth.enable_client('app') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '400 invalid_grant', '... and enabled again');
ROLLBACK TO s;
INSERT INTO oauth.grants (issuer_id, subject, client_id, scopes) VALUES (:issuer_id, :'alice', 'app', '{read}') RETURNING grant_id \gset
SELECT pg_temp.start(grant_id => :'grant_id') AS token \gset
SELECT pg_temp.json(pg_temp.refresh(:'token')) ->> 'refresh_token' AS token \gset
UPDATE oauth.grants SET revoked_at = now();
SELECT is(pg_temp.outcome(pg_temp.refresh(:'token')), '400 invalid_grant', 'the consent is revoked');
ROLLBACK TO s;
INSERT INTO oauth.login_sessions (issuer_id, session_hash, subject, expires_at) VALUES (:issuer_id, '\x00', :'alice', now() + interval '1 hour') RETURNING sid \gset
SELECT pg_temp.start('read', sid => :'sid') AS bound,
       pg_temp.start('read offline_access', sid => :'sid') AS offline \gset
SELECT oauth.end_session(:issuer_id, :'sid') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.refresh(:'bound')), '400 invalid_grant', 'the session has ended');
SELECT r AS response FROM pg_temp.refresh(:'offline') AS r \gset
SELECT is((:'response'::oauth.response).status, 200, '... but for offline_access');
SELECT is(pg_temp.access(:'response') ? 'sid', false, '... which is no longer the session''s');
SELECT is(oauth.is_revoked(pg_temp.access(:'response')), false, '... nor revoked with it');
ROLLBACK TO s;

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing was unforeseen');
SELECT is((SELECT count(*) FROM oauth.audit AS a WHERE a::text ~ :'first' OR a::text ~ :'next'), 0::bigint, 'no token in the audit trail');
SELECT * FROM finish();
ROLLBACK;
