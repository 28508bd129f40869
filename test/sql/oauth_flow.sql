\i test/tap.psql
-- The authorization code flow from the first click to the end of the tokens, as a
-- browser and a client live it.
\i test/oauth.psql

SELECT no_plan();
SET oauth_jwt.password_cost = 10;
SELECT oauth.create_issuer('https://auth.example.com', 'Example Inc.') AS issuer_id \gset
SELECT oauth.create_resource('https://api.example.com', 'Example API', '{"notes:read": "Read your notes", "notes:write": "Write notes"}', is_default => true);
SELECT client_id, client_secret FROM oauth.create_client('Notes <App>', '{https://app.example.com/callback}',
    scopes => '{openid,profile,email,offline_access,notes:read,notes:write}') \gset
SELECT oauth.create_user('alice', 'correct horse battery staple', '{"name": "Alice A.", "email": "alice@example.com"}') AS subject \gset
SELECT pg_temp.basic(:'client_id', :'client_secret') AS basic \gset

\set query 'response_type=code&client_id=' :client_id '&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&scope=openid%20profile%20offline_access%20notes%3Aread&state=a%20%22state%22&nonce=n-0S6_WzA2Mj&code_challenge_method=S256&code_challenge=' :code_challenge

-- ---------------------------------------------------------------------------
-- The browser is sent to log in

SELECT pg_temp.get('/authorize', :'query') AS answer \gset
SELECT is((:'answer'::oauth.response).status, 303, 'nobody is logged in: redirected, by 303 (RFC 9700 4.12)');
SELECT matches(pg_temp.header(:'answer', 'location'), '^https://auth.example.com/login\?request=', '... to /login');
SELECT is(pg_temp.parameter(:'answer', 'request'), :'query', '... with the request');

SELECT pg_temp.get('/login', oauth.form_of('request', :'query')) AS login \gset
SELECT is((:'login'::oauth.response).status, 200, 'the log-in page');
SELECT matches(pg_temp.text(:'login'), 'Notes &lt;App&gt;', '... names the application, escaped');
SELECT matches(pg_temp.text(:'login'), 'Example Inc\.', '... in the issuer''s name');
SELECT matches(pg_temp.header(:'login', 'set-cookie'), '^__Host-oauth_session=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax; Secure$', '... with a cookie (RFC 6265bis)');
SELECT matches(pg_temp.header(:'login', 'content-security-policy'), '^default-src ''none''.*form-action ''self'' https://app\.example\.com; frame-ancestors ''none''', '... and a policy that lets the form end at the client');
SELECT is(pg_temp.header(:'login', h), v, '... and ' || h)
FROM (VALUES ('Referrer-Policy', 'no-referrer'), ('Cache-Control', 'no-store'), ('X-Frame-Options', 'DENY'), ('X-Content-Type-Options', 'nosniff'), ('Content-Type', 'text/html; charset=utf-8')) AS v (h, v);
SELECT pg_temp.cookie(:'login') AS before, pg_temp.field(:'login', 'csrf') AS csrf \gset

-- The attacker's page posts a form of its own from the victim's browser (RFC 9700 4.7).
SELECT is((pg_temp.post('/login', oauth.form_of('username', 'alice', 'password', 'correct horse battery staple', 'request', :'query'), :'before')).status, 403, 'a form without the token is refused');
SELECT is((pg_temp.post('/login', oauth.form_of('username', 'alice', 'password', 'correct horse battery staple', 'request', :'query', 'csrf', oauth.csrf_token(oauth.random_token())), :'before')).status, 403, '... and one with another browser''s');
SELECT is((pg_temp.post('/login', oauth.form_of('username', 'alice', 'password', 'correct horse battery staple', 'request', :'query', 'csrf', :'csrf'))).status, 403, '... and one without the cookie');
SELECT is((SELECT count(*) FROM oauth.login_sessions), 0::bigint, '... and nobody is logged in');

SELECT pg_temp.post('/login', oauth.form_of('username', 'alice', 'password', 'wrong', 'request', :'query', 'csrf', :'csrf'), :'before') AS wrong \gset
SELECT pg_temp.post('/login', oauth.form_of('username', 'nobody', 'password', 'wrong', 'request', :'query', 'csrf', :'csrf'), :'before') AS unknown \gset
SELECT is((:'wrong'::oauth.response).status, 401, 'a wrong password');
SELECT is(replace(pg_temp.text(:'wrong'), 'alice', 'X'), replace(pg_temp.text(:'unknown'), 'nobody', 'X'), '... and an unknown user look the same');
SELECT is(pg_temp.header(:'wrong', 'set-cookie'), NULL, '... and set no session');

SELECT pg_temp.post('/login', oauth.form_of('username', 'Alice', 'password', 'correct horse battery staple', 'request', :'query', 'csrf', :'csrf'), :'before') AS done \gset
SELECT is((:'done'::oauth.response).status, 303, 'the right password');
SELECT is(pg_temp.header(:'done', 'location'), 'https://auth.example.com/authorize?' || :'query', '... leads back to the request');
SELECT pg_temp.cookie(:'done') AS session \gset
SELECT isnt(:'session'::jsonb, :'before'::jsonb, '... with a new session id');
SELECT is((SELECT count(*) FROM oauth.login_sessions AS s WHERE s::text ~ substring(:'session' FROM '=([A-Za-z0-9_-]{43})')), 0::bigint, '... that is not stored as it is');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query', :'before'), 'location'), '/login', 'the cookie from before the log-in is worth nothing');

-- ---------------------------------------------------------------------------
-- Consent

SELECT pg_temp.get('/authorize', :'query', :'session') AS answer \gset
SELECT matches(pg_temp.header(:'answer', 'location'), '^https://auth.example.com/consent\?request=', 'logged in: asked for consent');
SELECT pg_temp.get('/consent', oauth.form_of('request', :'query'), :'session') AS consent \gset
SELECT matches(pg_temp.text(:'consent'), 'Read your notes', 'the page describes the scopes');
SELECT doesnt_match(pg_temp.text(:'consent'), 'Write notes|e-mail', '... those asked for only');
SELECT pg_temp.field(:'consent', 'csrf') AS csrf \gset
SELECT is((pg_temp.post('/consent', oauth.form_of('request', :'query', 'decision', 'approve'), :'session')).status, 403, 'nobody consents from elsewhere');
SELECT pg_temp.post('/consent', oauth.form_of('request', :'query', 'decision', 'deny', 'csrf', :'csrf'), :'session') AS denied \gset
SELECT is(pg_temp.parameter(:'denied', p), v, 'denied: ' || p)
FROM (VALUES ('error', 'access_denied'), ('state', 'a "state"'), ('iss', 'https://auth.example.com')) AS v (p, v);
SELECT pg_temp.post('/consent', oauth.form_of('request', :'query', 'decision', 'approve', 'csrf', :'csrf'), :'session') AS approved \gset
SELECT is(pg_temp.header(:'approved', 'location'), 'https://auth.example.com/authorize?' || :'query', 'approved: back to the request');

-- ---------------------------------------------------------------------------
-- The code

SELECT pg_temp.get('/authorize', :'query', :'session') AS answer \gset
SELECT matches(pg_temp.header(:'answer', 'location'), '^https://app.example.com/callback\?code=[A-Za-z0-9_-]{43}&state=a%20%22state%22&iss=https%3A%2F%2Fauth.example.com$', 'the code, with state and iss (RFC 9207)');
SELECT pg_temp.parameter(:'answer', 'code') AS code \gset
SELECT is((SELECT count(*) FROM oauth.authorization_codes AS c WHERE c::text ~ :'code'), 0::bigint, 'it is not stored as it is');
\set form 'grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&code=' :code
SELECT pg_temp.post('/token', :'form' || '&code_verifier=' || :'code_verifier', :'basic') AS tokens \gset
SELECT is((:'tokens'::oauth.response).status, 200, 'the tokens');
SELECT pg_temp.json(:'tokens') AS tokens_json, pg_temp.json(:'tokens') ->> 'access_token' AS access_token, pg_temp.json(:'tokens') ->> 'refresh_token' AS refresh_token,
       pg_temp.json(:'tokens') ->> 'id_token' AS id_token \gset
SELECT is(:'tokens_json'::jsonb - '{access_token,refresh_token,id_token}'::text[], '{"token_type": "Bearer", "expires_in": 600, "scope": "openid profile offline_access notes:read"}', '... with type, lifetime and scope (RFC 6749 5.1)');
SELECT is(pg_temp.header(:'tokens', 'cache-control'), 'no-store', '... not to be stored');
SELECT is(jwt.verify(:'id_token', jwt.jwks('https://auth.example.com'), type => 'JWT') - '{exp,iat,jti,auth_time,sid,at_hash}'::text[],
          jsonb_build_object('iss', 'https://auth.example.com', 'sub', :'subject', 'aud', :'client_id', 'nonce', 'n-0S6_WzA2Mj', 'amr', '["pwd"]'::jsonb), 'the ID token (OpenID Connect Core 1.0 2)');
SELECT is(jwt.verify(:'id_token', jwt.jwks('https://auth.example.com')) ->> 'at_hash', oauth.base64url(substr(sha256(:'access_token'), 1, 16)), '... with at_hash');
SELECT is(jwt.verify(:'access_token', type => 'at+jwt') - '{exp,iat,jti,auth_time,sid,family_id}'::text[],
          jsonb_build_object('iss', 'https://auth.example.com', 'sub', :'subject', 'aud', 'https://api.example.com', 'client_id', :'client_id', 'scope', 'openid profile offline_access notes:read', 'amr', '["pwd"]'::jsonb), 'the access token (RFC 9068 2.2)');
SELECT is(pg_temp.json(pg_temp.get('/userinfo', '', pg_temp.bearer(:'access_token'))), jsonb_build_object('sub', :'subject', 'name', 'Alice A.', 'preferred_username', 'alice'), 'userinfo');

BEGIN;
SELECT is(jwt.set_session(:'access_token') ->> 'sub', :'subject', 'the access token opens a session for row-level security');
SELECT throws_ok(format('SELECT jwt.set_session(%L)', :'id_token'), 'JW018', NULL, '... the ID token does not');
COMMIT;

-- Asking for no more than before needs no question
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query', :'session'), 'location'), '\?code=', 'the next time nothing is asked');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', replace(:'query', 'notes%3Aread', 'notes%3Awrite'), :'session'), 'location'), '/consent', '... but for more it is');

-- ---------------------------------------------------------------------------
-- Refreshing, and what a thief brings about

SELECT pg_temp.json(pg_temp.post('/token', 'grant_type=refresh_token&refresh_token=' || :'refresh_token', :'basic')) AS refreshed \gset
SELECT isnt(:'refreshed'::jsonb ->> 'refresh_token', :'refresh_token'::text, 'a refresh brings another refresh token');
SELECT is(jwt.verify(:'refreshed'::jsonb ->> 'id_token', jwt.jwks('https://auth.example.com')) ->> 'sub', :'subject', '... and an ID token of the same user');
SELECT is(jwt.verify(:'refreshed'::jsonb ->> 'id_token', jwt.jwks('https://auth.example.com')) ->> 'nonce', NULL, '... without the nonce (OpenID Connect Core 1.0 12.2)');
SELECT is(pg_temp.json(pg_temp.post('/token', 'grant_type=refresh_token&refresh_token=' || :'refresh_token', :'basic')) ->> 'error', 'invalid_grant', 'the old one again');
SELECT is(pg_temp.json(pg_temp.post('/token', 'grant_type=refresh_token&refresh_token=' || (:'refreshed'::jsonb ->> 'refresh_token'), :'basic')) ->> 'error', 'invalid_grant', '... ends the new one as well (RFC 9700 4.14.2)');
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'access_token'))).status, 401, '... and the access tokens');
SELECT is((SELECT count(*) FROM oauth.history WHERE event = 'refresh_token_reused'), 1::bigint, '... and is written down');

SELECT pg_temp.parameter(pg_temp.get('/authorize', :'query', :'session'), 'code') AS code \gset
\set form 'grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&code=' :code '&code_verifier=' :code_verifier
SELECT pg_temp.json(pg_temp.post('/token', :'form', :'basic')) ->> 'access_token' AS access_token \gset
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'access_token'))).status, 200, 'another authorization works');
SELECT is(pg_temp.json(pg_temp.post('/token', :'form', :'basic')) ->> 'error', 'invalid_grant', 'its code again');
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'access_token'))).status, 401, '... ends what came of it (RFC 6749 4.1.2)');

-- ---------------------------------------------------------------------------
-- The account page, and the end

SELECT pg_temp.parameter(pg_temp.get('/authorize', :'query', :'session'), 'code') AS code \gset
\set form 'grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&code=' :code '&code_verifier=' :code_verifier
SELECT pg_temp.json(pg_temp.post('/token', :'form', :'basic')) ->> 'access_token' AS access_token \gset
SELECT pg_temp.get('/account', '', :'session') AS account \gset
SELECT matches(pg_temp.text(:'account'), 'Notes &lt;App&gt;', 'the account page lists the application');
SELECT is((pg_temp.post('/account', oauth.form_of('revoke_grant', :'client_id'), :'session')).status, 403, 'nothing is revoked from elsewhere');
SELECT is((pg_temp.post('/account', oauth.form_of('revoke_grant', :'client_id', 'csrf', pg_temp.field(:'account', 'csrf')), :'session')).status, 303, 'the user takes the consent back');
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'access_token'))).status, 401, '... and its tokens are dead');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query', :'session'), 'location'), '/consent', '... and the next time is asked again');

SELECT pg_temp.get('/logout', '', :'session') AS logout \gset
SELECT matches(pg_temp.text(:'logout'), 'Do you want to log out', 'logging out asks, since anybody can send a browser there');
SELECT matches(pg_temp.text(pg_temp.post('/logout', oauth.form_of('csrf', pg_temp.field(:'logout', 'csrf')), :'session')), 'You are logged out', '... and then does it');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query', :'session'), 'location'), '/login', '... for good');
SELECT is((pg_temp.get('/logout', oauth.form_of('post_logout_redirect_uri', 'https://evil.example.com', 'client_id', :'client_id'))).status, 400, 'no open redirect');

SELECT is((SELECT count(*) FROM oauth.audit AS a WHERE a::text ~ concat_ws('|', :'code', :'access_token', :'refresh_token', :'client_secret', 'correct horse')), 0::bigint, 'the audit holds no secret');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
SELECT jwt.clear_session();
DELETE FROM oauth.audit;
DELETE FROM jwt.issuers WHERE issuer = 'https://auth.example.com';
SELECT is((SELECT count(*) FROM oauth.users) + (SELECT count(*) FROM oauth.token_families) + (SELECT count(*) FROM oauth.authorization_codes), 0::bigint, 'an issuer goes with all that is its own');

SELECT * FROM finish();
