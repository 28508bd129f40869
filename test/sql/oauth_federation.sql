\i test/tap.psql
-- Logging in by a foreign issuer's ID token.  The attacker has tokens of the same
-- issuer for other clients, tokens of other users, and tokens that were used before.
\i test/oauth.psql

SELECT no_plan();
BEGIN;
SELECT oauth.create_issuer('https://auth.example.com', 'Example Inc.') AS issuer_id \gset
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/callback}', scopes => '{openid}', token_endpoint_auth_method => 'none') \gset
SELECT oauth.create_user('alice', 'x', '{"email": "alice@example.com"}') AS alice \gset
CREATE TEMP TABLE foreign_key AS SELECT jwt.generate_key('ES256') AS key;
INSERT INTO jwt.issuers (issuer, jwks, algorithms) SELECT i, jsonb_build_object('keys', jsonb_build_array(jwt.public_key(key))), '{ES256}' FROM foreign_key, (VALUES ('https://idp.example.net'), ('https://other.example.net')) AS v (i);
SELECT oauth.create_identity_provider('https://idp.example.net', 'we-there', 'Example <ID>', 'https://idp.example.net/authorize?tenant=1');
SELECT throws_ok($$SELECT oauth.create_identity_provider('https://idp.example.net', 'another')$$, '23505', NULL, 'a provider is one once');
SELECT throws_ok($$SELECT oauth.create_identity_provider('https://unknown.example.net', 'we-there')$$, '42704', 'issuer "https://unknown.example.net" is not trusted', '... and only who is trusted');

\set query 'response_type=code&client_id=' :client_id '&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&scope=openid&code_challenge_method=S256&code_challenge=' :code_challenge
SELECT pg_temp.get('/login', oauth.form_of('request', :'query')) AS form \gset
SELECT pg_temp.cookie(:'form') AS cookie, substring(pg_temp.text(:'form') FROM '&amp;nonce=([^&"]*)') AS nonce \gset

CREATE FUNCTION pg_temp.id_token(nonce text, changes jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
    SELECT jwt.sign(jsonb_strip_nulls(jsonb_build_object('iss', 'https://idp.example.net', 'sub', '4711', 'aud', 'we-there', 'nonce', nonce,
            'iat', extract(epoch FROM statement_timestamp())::bigint, 'exp', extract(epoch FROM statement_timestamp())::bigint + 300,
            'name', 'Alice', 'email', 'alice@example.com', 'email_verified', true, 'jti', gen_random_uuid()) || changes), key)
    FROM foreign_key
$$;
CREATE FUNCTION pg_temp.bring(id_token text, cookie jsonb, state text DEFAULT NULL) RETURNS oauth.response
LANGUAGE sql AS $$SELECT pg_temp.post('/login', oauth.form_of('id_token', id_token, 'state', state), cookie)$$;
CREATE FUNCTION pg_temp.said(response oauth.response) RETURNS text
LANGUAGE sql AS $$SELECT concat_ws(' ', response.status, substring(pg_temp.text(response) FROM 'role="alert">([^<]*)<'))$$;

-- ---------------------------------------------------------------------------
-- The link

SELECT matches(pg_temp.text(:'form'), '<p class="or">or</p><a class="button quiet" href="https://idp\.example\.net/authorize\?tenant=1&amp;response_type=id_token&amp;response_mode=form_post&amp;client_id=we-there&amp;redirect_uri=https%3A%2F%2Fauth\.example\.com%2Flogin&amp;scope=openid%20email%20profile&amp;nonce='
    || :'nonce' || '&amp;state=' || oauth.html_escape(oauth.form_encode(:'query')) || '">Log in with Example &lt;ID&gt;</a>', 'the log-in page links to it (OpenID Connect Core 1.0 3.2.2.1)');
SELECT matches(pg_temp.text(pg_temp.get('/login', oauth.form_of('request', :'query' || '&prompt=login'))), '&amp;prompt=login">', '... and asks for a log-in there, when the client does');
SELECT doesnt_match(pg_temp.text(:'form'), 'other\.example\.net', '... to no other');
SELECT isnt(:'nonce', pg_temp.field(:'form', 'csrf'), '... and tells nobody there what our own forms are known by');

-- ---------------------------------------------------------------------------
-- Not linked, linked, created

SELECT is(pg_temp.said(pg_temp.bring(pg_temp.id_token(:'nonce'), :'cookie')), '403 There is no account here for this log-in.', 'the same e-mail address makes nobody alice');
SELECT is((SELECT count(*) FROM oauth.login_sessions), 0::bigint, '... nobody is logged in');
SELECT is((SELECT count(*) FROM oauth.users), 1::bigint, '... nor created');

SELECT oauth.link_identity(:'alice', 'https://idp.example.net', '4711');
SAVEPOINT linked;
SELECT pg_temp.id_token(:'nonce', '{"amr": ["otp", "pwd"], "acr": "urn:mfa"}') AS token \gset
SELECT pg_temp.bring(:'token', :'cookie', :'query') AS done \gset
SELECT is(pg_temp.header(:'done', 'location'), 'https://auth.example.com/authorize?' || :'query', 'linked: back to the request');
SELECT is(pg_temp.user_of(pg_temp.cookie(:'done')), :'alice', '... as alice');
SELECT is(pg_temp.user_of(:'cookie'), NULL, '... under a new cookie');
SELECT is((SELECT amr FROM oauth.login_sessions), '{otp,pwd}', '... with the methods she used there (RFC 8176)');
SELECT is((SELECT acr FROM oauth.login_sessions), NULL, '... but of no class that the issuer is not known to be able to say (OpenID Connect Core 1.0 2)');
SELECT ok((SELECT auth_time BETWEEN now() AND clock_timestamp() FROM oauth.login_sessions), '... just now, for all that is known');
SELECT ok(EXISTS (SELECT FROM oauth.audit WHERE event = 'login' AND subject = :'alice' AND detail = '{"foreign_issuer": "https://idp.example.net"}'), '... as the audit says');
SELECT is(pg_temp.said(pg_temp.bring(:'token', :'cookie')), '401 The log-in elsewhere did not succeed. Please try again.', 'the token is taken once');
SELECT pg_temp.bring(pg_temp.id_token(:'nonce', jsonb_build_object('auth_time', extract(epoch FROM date_trunc('second', now())) - 7200)), :'cookie') AS old \gset
SELECT is((SELECT min(s.auth_time) FROM oauth.login_sessions AS s), date_trunc('second', now()) - interval '2 hours', 'a log-in there of two hours ago is one of two hours ago here');
SELECT matches(pg_temp.header(pg_temp.get('/authorize', :'query' || '&max_age=600', pg_temp.cookie(:'old')), 'location'), '/login\?', '... and none within ten minutes (OpenID Connect Core 1.0 3.1.2.1)');
SELECT is((pg_temp.bring(pg_temp.id_token(:'nonce', jsonb_build_object('auth_time', t)), :'cookie')).status, 303, 'auth_time ' || t::text) FROM (VALUES ('1e300'::jsonb), ('-1e300'), ('"yesterday"'), ('null')) AS v (t);
SELECT is((pg_temp.bring(pg_temp.id_token(:'nonce', claims), :'cookie')).status, 303, claims::text) FROM (VALUES ('{"amr": []}'::jsonb), ('{"amr": "pwd"}'), ('{"acr": []}'), ('{"acr": null}')) AS v (claims);
SELECT ok((SELECT max(auth_time) <= clock_timestamp() FROM oauth.login_sessions), '... and nobody has logged in in the future');
SELECT is((SELECT count(*) FROM oauth.replay AS r WHERE r::text ~ split_part(:'token', '.', 2)), 0::bigint, '... and not stored as it is');
ROLLBACK TO linked;

UPDATE oauth.identity_providers SET create_users = true;
SELECT pg_temp.user_of(pg_temp.cookie(pg_temp.bring(pg_temp.id_token(:'nonce', '{"sub": "4712"}'), :'cookie'))) AS created \gset
SELECT is((SELECT jsonb_build_object('username', u.username, 'claims', u.claims, 'password', u.password_hash) FROM oauth.users AS u WHERE u.subject = :'created'),
    '{"username": null, "claims": {"name": "Alice", "email": "alice@example.com"}, "password": null}', 'where it may, an account is created; nothing is verified on the word of others');
SELECT isnt(:'created', :'alice'::text, '... of its own');
SELECT is(pg_temp.user_of(pg_temp.cookie(pg_temp.bring(pg_temp.id_token(:'nonce', '{"sub": "4712", "jti": "2"}'), :'cookie'))), :'created', '... once');
SELECT oauth.disable_user(:'created') \g /dev/null
SELECT is((pg_temp.bring(pg_temp.id_token(:'nonce', '{"sub": "4712"}'), :'cookie')).status, 403, '... and when disabled logs in no more');
ROLLBACK TO linked;

-- ---------------------------------------------------------------------------
-- What is refused

SELECT is(pg_temp.said(pg_temp.bring(t, c)), '401 The log-in elsewhere did not succeed. Please try again.', d)
FROM (VALUES
    (pg_temp.id_token(oauth.random_token()), :'cookie'::jsonb, 'another browser''s nonce'),
    (pg_temp.id_token(NULL), :'cookie', 'no nonce'),
    (pg_temp.id_token(NULL, '{"nonce": ["x"]}'), :'cookie', 'a nonce that is no string'),
    (pg_temp.id_token(:'nonce'), jsonb_build_object('cookie', '__Host-oauth_session=' || oauth.random_token()), 'this nonce in another browser'),
    (pg_temp.id_token(:'nonce', '{"aud": "another-client"}'), :'cookie', 'a token for another client'),
    (pg_temp.id_token(:'nonce', '{"aud": ["we-there", "another-client"]}'), :'cookie', 'a token for another client as well'),
    (pg_temp.id_token(:'nonce', '{"aud": ["we-there", "another-client"], "azp": "another-client"}'), :'cookie', '... and asked for by it'),
    (pg_temp.id_token(:'nonce', '{"iss": "https://other.example.net"}'), :'cookie', 'a trusted issuer that logs nobody in'),
    (pg_temp.id_token(:'nonce', '{"iss": "https://auth.example.com"}'), :'cookie', 'an issuer that signs with other keys'),
    (pg_temp.id_token(:'nonce', '{"iss": null}'), :'cookie', 'no issuer'),
    (pg_temp.id_token(:'nonce', '{"sub": null}'), :'cookie', 'no subject'),
    (pg_temp.id_token(:'nonce', '{"sub": 4711}'), :'cookie', 'a subject that is no string'),
    (pg_temp.id_token(:'nonce', jsonb_build_object('iat', extract(epoch FROM now())::bigint - 400)), :'cookie', 'an old one'),
    (pg_temp.id_token(:'nonce', '{"iat": null}'), :'cookie', 'one of unknown age'),
    (pg_temp.id_token(:'nonce', jsonb_build_object('exp', extract(epoch FROM now())::bigint - 60)), :'cookie', 'an expired one'),
    (pg_temp.id_token(:'nonce', '{"exp": null}'), :'cookie', 'one that never expires'),
    (regexp_replace(pg_temp.id_token(:'nonce'), '\.[^.]*$', '.'), :'cookie', 'no signature'),
    (jwt.sign((jwt.decode(pg_temp.id_token(:'nonce'))).payload, jwt.generate_key('ES256')), :'cookie', 'another key'),
    ('x', :'cookie', 'no token at all')) AS v (t, c, d);
SELECT is((SELECT count(*) FROM oauth.login_sessions), 0::bigint, '... nobody is logged in');
SELECT is((SELECT max(failures) FROM oauth.throttle WHERE kind = 'address'), 20, '... and all are counted for the address');
SELECT is((pg_temp.bring(pg_temp.id_token(:'nonce'), :'cookie')).status, 303, 'while the right one is taken');
ROLLBACK TO linked;
UPDATE oauth.identity_providers SET enabled = false;
SELECT is((pg_temp.bring(pg_temp.id_token(:'nonce'), :'cookie')).status, 401, 'not, when it logs in no more');
SELECT doesnt_match(pg_temp.text(pg_temp.get('/login')), 'idp\.example', '... nor is it linked to');
ROLLBACK TO linked;
UPDATE jwt.issuers SET enabled = false WHERE issuer = 'https://idp.example.net';
SELECT is((pg_temp.bring(pg_temp.id_token(:'nonce'), :'cookie')).status, 401, 'nor when it is trusted no more');
ROLLBACK TO linked;
SELECT throws_ok($$SELECT oauth.link_identity('nobody', 'https://idp.example.net', '4712')$$, '42704', 'there is no user "nobody"', 'nobody is linked to nobody');
SELECT throws_ok(format('SELECT oauth.link_identity(%L, %L, %L)', :'alice', 'https://stranger.example.net', '4712'), '42704',
    'issuer "https://stranger.example.net" is not trusted', 'nor with an issuer that is not trusted');
SELECT ok(oauth.unlink_identity('https://idp.example.net', '4711'), 'unlinked');
SELECT ok(NOT oauth.unlink_identity('https://idp.example.net', '4711'), '... once');
SELECT is((pg_temp.bring(pg_temp.id_token(:'nonce'), :'cookie')).status, 403, '... and logs in no more');
ROLLBACK TO linked;
SELECT is((pg_temp.get('/login', oauth.form_of('id_token', pg_temp.id_token(:'nonce')), :'cookie')).status, 200, 'a token in a link logs nobody in');
SELECT is((SELECT count(*) FROM oauth.login_sessions), 0::bigint, '... indeed');

-- ---------------------------------------------------------------------------
-- From another site the post comes without our SameSite cookie

SELECT pg_temp.id_token(:'nonce') AS token \gset
SELECT pg_temp.bring(:'token', '{}', :'query') AS bounce \gset
SELECT is((:'bounce'::oauth.response).status, 200, 'it is posted again from here');
SELECT is(pg_temp.header(:'bounce', 'set-cookie'), NULL, '... and no cookie is put in the place of the one it hides');
SELECT is(oauth.form_of('a', substring(pg_temp.text(:'bounce') FROM '<form method="post" action="([^"]*)"'), 't', pg_temp.field(:'bounce', 'id_token'), 's', pg_temp.field(:'bounce', 'state')),
    oauth.form_of('a', 'https://auth.example.com/login', 't', :'token', 's', :'query'), '... with all that came');
SELECT matches(pg_temp.header(:'bounce', 'content-security-policy'), 'form-action ''self'' https://app\.example\.com;', '... by a form that may end at the client, as it does where nobody has to be asked');
SELECT matches(pg_temp.header(pg_temp.bring(:'token', '{}', replace(:'query', 'app.example', 'evil.example')), 'content-security-policy'), 'form-action ''self'' https://auth\.example\.com;', '... and nowhere else');
SELECT pg_temp.post('/login', oauth.form_of('id_token', pg_temp.field(:'bounce', 'id_token'), 'state', pg_temp.field(:'bounce', 'state'), 'again', pg_temp.field(:'bounce', 'again')), :'cookie') AS done \gset
SELECT is(pg_temp.header(:'done', 'location'), 'https://auth.example.com/authorize?' || :'query', '... and then logs in');
SELECT is((pg_temp.post('/login', oauth.form_of('id_token', :'token', 'again', 'yes'))).status, 403, 'a browser without cookies does not go round');
SELECT is(pg_temp.header(pg_temp.post('/login', oauth.form_of('error', 'access_denied', 'state', :'query')), 'location'), 'https://auth.example.com/login?' || oauth.form_of('request', :'query'), 'an error from there leads back to the log-in page');
SELECT is(pg_temp.header(pg_temp.post('/login', oauth.form_of('error', 'access_denied', 'state', E'x\r\ny')), 'location'), 'https://auth.example.com/login?', '... and carries nothing malformed');

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
SELECT * FROM finish();
ROLLBACK;
