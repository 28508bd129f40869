\i test/tap.psql
-- The authorization code grant at /token (RFC 6749 4.1.3, RFC 7636 4.6).
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT oauth.create_user('alice', claims => '{"name": "Alice A.", "email": "alice@example.com"}') AS alice \gset
SELECT oauth.create_resource('https://api.example.com', 'API', '{"read": "Read", "write": "Write"}') \g /dev/null
SELECT oauth.create_resource('https://other.example.com', 'Other') \g /dev/null
SELECT client_id AS app FROM oauth.create_client('App', '{https://app.example.com/cb}', '{openid,email,offline_access,read,write}', client_id => 'app', token_endpoint_auth_method => 'none') \gset
SELECT client_id AS app2 FROM oauth.create_client('App 2', '{https://app.example.com/cb}', '{openid,read}', client_id => 'app2', token_endpoint_auth_method => 'none') \gset

-- RFC 7636 B
\set verifier dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
CREATE FUNCTION pg_temp.redeem(code text, redirect_uri text DEFAULT 'https://app.example.com/cb', verifier text DEFAULT 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    client_id text DEFAULT 'app', more text DEFAULT NULL) RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/token', oauth.form_of('grant_type', 'authorization_code', 'client_id', client_id, 'code', code,
        'redirect_uri', redirect_uri, 'code_verifier', verifier) || coalesce('&' || more, ''))
$$;

-- ---------------------------------------------------------------------------
-- What is issued

SELECT pg_temp.new_family('app', :'alice', 'openid email offline_access read') AS family \gset
SELECT pg_temp.new_code(:'family') AS code \gset
SELECT r AS response FROM pg_temp.redeem(:'code') AS r \gset
SELECT pg_temp.json(:'response') AS tokens \gset
SELECT is((:'response'::oauth.response).status, 200, 'a code brings tokens');
SELECT is(pg_temp.header(:'response', 'cache-control') || pg_temp.header(:'response', 'pragma') || pg_temp.header(:'response', 'content-type'),
          'no-storeno-cacheapplication/json', '... not to be stored (RFC 6749 5.1)');
SELECT is(:'tokens'::jsonb - '{access_token,refresh_token,id_token}'::text[],
          '{"token_type": "Bearer", "expires_in": 600, "scope": "openid email offline_access read"}', '... with type, lifetime and scope');
SELECT jwt.verify(:'tokens'::jsonb ->> 'access_token', type => 'at+jwt') AS access \gset
SELECT is(:'access'::jsonb - '{iat,exp,jti,auth_time}'::text[], jsonb_build_object('iss', 'https://auth.example.com', 'sub', :'alice', 'aud', 'https://auth.example.com',
          'client_id', 'app', 'scope', 'openid email offline_access read', 'family_id', :'family', 'amr', '["pwd"]'::jsonb), 'the access token (RFC 9068 2.2)');
SELECT is((:'access'::jsonb ->> 'exp')::bigint - (:'access'::jsonb ->> 'iat')::bigint, 600::bigint, '... lives as long as was said');
SELECT jwt.verify(:'tokens'::jsonb ->> 'id_token', key => jwt.jwks('https://auth.example.com'), audience => '{app}', type => 'JWT') AS id \gset
SELECT is(:'id'::jsonb - '{iat,exp,jti,auth_time,at_hash}'::text[], jsonb_build_object('iss', 'https://auth.example.com', 'sub', :'alice', 'aud', 'app', 'nonce', 'n-0S6',
          'amr', '["pwd"]'::jsonb), 'the ID token, the user''s claims left to userinfo (OpenID Connect Core 1.0 5.4)');
SELECT is((:'id'::jsonb ->> 'auth_time')::bigint, extract(epoch FROM date_trunc('second', now() - interval '5 minutes'))::bigint, '... when the user logged in');
SELECT is(:'id'::jsonb ->> 'at_hash', oauth.base64url(substr(sha256(convert_to(:'tokens'::jsonb ->> 'access_token', 'UTF8')), 1, 16)), '... and for which access token');
SELECT matches(:'tokens'::jsonb ->> 'refresh_token', '^[A-Za-z0-9_-]{43}$', 'the refresh token is random');
SELECT is((SELECT count(*) FROM oauth.refresh_tokens AS t WHERE t::text ~ (:'tokens'::jsonb ->> 'refresh_token')), 0::bigint, '... and not stored as it is');
SELECT is((SELECT array_agg(event) FROM oauth.audit WHERE event ~ 'token|code'), '{token_issued}', 'one line in the audit trail');

SELECT is(pg_temp.json(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read')))) ?| '{id_token}', false, 'no ID token without openid');
SELECT is(pg_temp.json(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'openid read')))) ?| '{refresh_token}', false, 'no refresh token without offline_access (OpenID Connect Core 1.0 11)');
SELECT is(pg_temp.json(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read')))) ? 'refresh_token', true, 'OAuth alone needs no offline_access');
UPDATE oauth.clients SET grant_types = '{authorization_code}' WHERE client_id = 'app';
SELECT is(pg_temp.json(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'openid offline_access')))) ? 'refresh_token', false, 'no refresh token to a client that may not use it');
UPDATE oauth.clients SET grant_types = '{authorization_code,refresh_token}' WHERE client_id = 'app';

-- ---------------------------------------------------------------------------
-- Requests that are wrong

SELECT is(pg_temp.outcome(pg_temp.post('/token', form)), outcome, coalesce(nullif(form, ''), '(nothing)'))
FROM (VALUES ('', '400 invalid_request'), ('client_id=app', '400 invalid_request'), ('grant_type=&client_id=app', '400 invalid_request'),
    ('client_id=app&grant_type=authorization_code', '400 invalid_request'), ('client_id=app&grant_type=authorization_code&code=', '400 invalid_request'),
    ('client_id=app&grant_type=authorization_code&code=x', '400 invalid_grant'), ('client_id=app&grant_type=authorization_code&code=a&code=b', '400 invalid_request'),
    ('client_id=app&grant_type=authorization_code&code=%FF', '400 invalid_request'), ('client_id=app&grant_type=urn%3Aunknown', '400 unsupported_grant_type'),
    ('client_id=app&grant_type=Authorization_code', '400 unsupported_grant_type'), ('client_id=app&grant_type=password', '400 unauthorized_client'),
    ('client_id=app&grant_type=client_credentials', '400 unauthorized_client'), ('grant_type=authorization_code&code=x', '401 invalid_client')) AS v (form, outcome);
SELECT is((pg_temp.get('/token', 'grant_type=authorization_code')).status, 405, 'by POST only');

-- ---------------------------------------------------------------------------
-- What a code is bound to

SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read')), redirect_uri => uri)), '400 invalid_grant', 'redirect_uri: ' || coalesce(uri, 'missing'))
FROM unnest(ARRAY[NULL, 'https://app.example.com/cb/', 'https://app.example.com/c', 'https://app.example.com/CB', 'https://app.example.com/cb?x=1', 'https://evil.example.com/cb']) AS uri;
SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read'), NULL), redirect_uri => NULL)), '200', 'no redirect_uri where there was none');
SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read'), NULL))), '400 invalid_grant', 'redirect_uri where there was none');
SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read')), verifier => v)), '400 invalid_grant', 'code_verifier: ' || coalesce(v, 'missing'))
FROM unnest(ARRAY[NULL, 'x', lower(:'verifier'), :'verifier' || 'x', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', repeat('a', 129)]) AS v;
-- The attacker takes the challenge out of the authorization request (RFC 9700 4.8.2).
SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read'), code_challenge => NULL))), '400 invalid_grant', 'a verifier without a challenge');
SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read'), code_challenge => NULL), verifier => NULL)), '200', 'neither');
-- A verifier is guessed once.
SELECT pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read')) AS guessed \gset
SELECT pg_temp.redeem(:'guessed', verifier => repeat('a', 43)) \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.redeem(:'guessed')), '400 invalid_grant', 'a code is used up by a wrong verifier');
SELECT is((SELECT array_agg(a.event ORDER BY a.audit_id DESC) FROM (SELECT * FROM oauth.audit ORDER BY audit_id DESC LIMIT 2) AS a), '{code_replayed,code_refused}', '... as the audit trail says');

SELECT pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read')) AS code \gset
SELECT is(pg_temp.outcome(pg_temp.redeem(:'code', client_id => 'app2')), '400 invalid_grant', 'another client''s code');
SELECT is(pg_temp.outcome(pg_temp.redeem(:'code')), '200', '... is left to its owner');
SELECT pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read')) AS code \gset
UPDATE oauth.authorization_codes SET expires_at = clock_timestamp() WHERE code_hash = oauth.hash_token(:'code');
SELECT is(pg_temp.outcome(pg_temp.redeem(:'code')), '400 invalid_grant', 'an expired code');
SELECT throws_ok($$UPDATE oauth.issuers SET code_lifetime = '61 seconds'$$, '23514', NULL, 'a code lives sixty seconds at most');

-- ---------------------------------------------------------------------------
-- Resources (RFC 8707 2.2)

SELECT is((jwt.decode(pg_temp.json(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read', '{https://api.example.com,https://other.example.com}')),
    more => 'resource=https%3A%2F%2Fapi.example.com')) ->> 'access_token')).payload -> 'aud', '"https://api.example.com"', 'one of the resources');
SELECT is((jwt.decode(pg_temp.json(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read', '{https://api.example.com,https://other.example.com}')))) ->> 'access_token')).payload -> 'aud',
    '["https://api.example.com", "https://other.example.com"]', 'all of them');
SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read', '{https://api.example.com}')), more => 'resource=' || oauth.form_encode(r))),
    '400 invalid_target', 'not granted: ' || r)
FROM unnest(ARRAY['https://other.example.com', 'https://api.example.com/', 'https://api.example.com#x', 'api', 'https://nobody.example']) AS r;

-- ---------------------------------------------------------------------------
-- Replay (RFC 6749 4.1.2, RFC 9700 4.5)

SELECT pg_temp.new_family('app', :'alice', 'openid offline_access') AS family \gset
SELECT pg_temp.new_code(:'family') AS code \gset
SELECT pg_temp.json(pg_temp.redeem(:'code')) AS tokens \gset
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'tokens'::jsonb ->> 'access_token'))).status, 200, 'an access token');
SELECT is(pg_temp.outcome(pg_temp.redeem(:'code', client_id => 'app2')), '400 invalid_grant', 'a replay by another client');
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'tokens'::jsonb ->> 'access_token'))).status, 200, '... ends nothing');
SELECT is(pg_temp.outcome(pg_temp.redeem(:'code')), '400 invalid_grant', 'a replay by its client');
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'tokens'::jsonb ->> 'access_token'))).status, 401, '... ends the access token');
SELECT is(pg_temp.outcome(pg_temp.post('/token', 'grant_type=refresh_token&client_id=app&refresh_token=' || (:'tokens'::jsonb ->> 'refresh_token'))), '400 invalid_grant', '... and the refresh token');
SELECT is((SELECT detail FROM oauth.audit WHERE event = 'code_replayed' ORDER BY audit_id DESC LIMIT 1), jsonb_build_object('family_id', :'family'), '... and is in the audit trail');

-- ---------------------------------------------------------------------------
-- What ends an authorization before its code is redeemed

SAVEPOINT s;
SELECT pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read')) AS code \gset
SELECT oauth.disable_user(:'alice') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.redeem(:'code')), '400 invalid_grant', 'the user is disabled');
ROLLBACK TO s;
INSERT INTO oauth.grants (issuer_id, subject, client_id, scopes) VALUES (:issuer_id, :'alice', 'app', '{read}') RETURNING grant_id \gset
SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read', grant_id => :'grant_id')))), '200', 'the consent stands');
UPDATE oauth.grants SET revoked_at = now();
SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read', grant_id => :'grant_id')))), '400 invalid_grant', 'the consent is revoked');
INSERT INTO oauth.login_sessions (issuer_id, session_hash, subject, expires_at) VALUES (:issuer_id, '\x00', :'alice', now() + interval '1 hour') RETURNING sid \gset
SELECT is((jwt.decode(pg_temp.json(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'read', sid => :'sid')))) ->> 'access_token')).payload ->> 'sid', :'sid', 'the session goes on');
SELECT oauth.end_session(:issuer_id, :'sid') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'openid read', sid => :'sid')))), '400 invalid_grant', 'the session has ended');
SELECT is((jwt.decode(pg_temp.json(pg_temp.redeem(pg_temp.new_code(pg_temp.new_family('app', :'alice', 'openid offline_access', sid => :'sid')))) ->> 'access_token')).payload ->> 'sid',
          NULL, 'offline_access outlives it, and is no longer the session''s');

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing was unforeseen');
SELECT is((SELECT count(*) FROM oauth.audit AS a WHERE a::text ~ :'code' OR a::text ~ (:'tokens'::jsonb ->> 'refresh_token')), 0::bigint, 'no code and no token in the audit trail');
SELECT * FROM finish();
ROLLBACK;
