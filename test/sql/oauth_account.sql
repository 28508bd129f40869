\i test/tap.psql
-- The account page: a user sees and ends what is the user's own.
\i test/oauth.psql

SELECT no_plan();
BEGIN;
SELECT oauth.create_issuer('https://auth.example.com', 'Example Inc.') AS issuer_id \gset
SELECT oauth.create_resource('https://api.example.com', 'Example API', '{"notes": "Read your notes"}', is_default => true);
SELECT client_id AS notes FROM oauth.create_client('Notes', '{https://app.example.com/callback}', scopes => '{openid,notes}', token_endpoint_auth_method => 'none') \gset
SELECT client_id AS mail FROM oauth.create_client('Mail', '{https://mail.example.com/callback}', scopes => '{openid,offline_access}', token_endpoint_auth_method => 'none') \gset
SELECT oauth.create_user('alice') AS alice, oauth.create_user('bob') AS bob \gset
\set firefox 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
\set phone 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'
SELECT pg_temp.session_of(:'alice', '192.0.2.1', :'firefox') AS session, pg_temp.session_of(:'alice', '2001:db8::7', :'phone') AS session_2, pg_temp.session_of(:'bob', '203.0.113.9', 'curl/8') AS bobs \gset

SELECT pg_temp.sid_of(:'session') AS sid, pg_temp.sid_of(:'session_2') AS sid_2, pg_temp.sid_of(:'bobs') AS bobs_sid, pg_temp.csrf(:'session') AS csrf \gset
INSERT INTO oauth.grants (issuer_id, subject, client_id, scopes) VALUES (:issuer_id, :'alice', :'notes', '{openid,notes}'), (:issuer_id, :'bob', :'notes', '{openid}');
SELECT pg_temp.new_family(:'notes', :'alice', 'openid notes', sid => :'sid') AS notes_family, pg_temp.new_family(:'mail', :'alice', 'openid offline_access', sid => :'sid') AS mail_family, pg_temp.new_family(:'notes', :'bob', 'openid') AS bobs_family \gset
SELECT oauth.random_token() AS refresh_token \gset
INSERT INTO oauth.refresh_tokens (issuer_id, token_hash, family_id, expires_at) VALUES (:issuer_id, oauth.hash_token(:'refresh_token'), :'mail_family', now() + interval '1 day');

-- ---------------------------------------------------------------------------
-- What there is

SELECT is(pg_temp.header(pg_temp.get('/account'), 'location'), 'https://auth.example.com/login', 'nobody is logged in');
SELECT pg_temp.text(pg_temp.get('/account', '', :'session')) AS page \gset
SELECT matches(:'page'::text, w, 'the page shows ' || w) FROM (VALUES
    ('<strong>alice</strong>'), ('Firefox, Linux</strong> <span class="tag">this one</span>'), ('Safari, iPhone</strong><br>'), ('192\.0\.2\.1'), ('2001:db8::7'),
    ('<strong>Mail</strong><br><small>Stay connected'), ('<strong>Notes</strong><br><small>Read your notes, Know who you are')) AS v (w);
SELECT doesnt_match(:'page'::text, 'bob|curl|203\.0\.113\.9', '... and nothing of others');
SELECT is((SELECT count(*) FROM regexp_matches(:'page', 'name="csrf" value="' || :'csrf' || '"', 'g')), 5::bigint, 'each form has its token');
SELECT is(oauth.browser_name(a), n, coalesce(n, 'no name')) FROM (VALUES
    ('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0', 'Edge, Windows'),
    ('Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36', 'Chrome, Android'),
    ('Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15', 'Safari, macOS'),
    ('curl/8.5.0', 'curl/8.5.0'), (NULL, NULL)) AS v (a, n);

-- ---------------------------------------------------------------------------
-- Only by this session's form

SELECT is((pg_temp.post('/account', f || c, :'session')).status, 403, split_part(f, '=', 1) || ': ' || d)
FROM (VALUES ('end_session=' || :'sid_2'), ('revoke_grant=' || :'notes'), ('end_all=yes')) AS v (f),
     (VALUES ('', 'no token'), ('&csrf=' || reverse(:'csrf'), 'a wrong one'), ('&csrf=' || pg_temp.csrf(:'session_2'), 'another session''s'), ('&csrf=' || pg_temp.csrf(:'bobs'), 'another user''s')) AS w (c, d);
SELECT is((SELECT count(*) FROM oauth.login_sessions WHERE ended_at IS NULL), 3::bigint, 'nothing has ended');
SELECT is((SELECT count(*) FROM oauth.grants WHERE revoked_at IS NULL), 2::bigint, '... nor is revoked');

-- ---------------------------------------------------------------------------
-- The end of one thing

SAVEPOINT s;
SELECT is(pg_temp.header(pg_temp.post('/account', 'end_session=' || :'sid_2' || '&csrf=' || :'csrf', :'session'), 'location'), 'https://auth.example.com/account', 'the other session is ended');
SELECT is(pg_temp.sid_of(:'session_2'), NULL, '... and is none any more');
SELECT is(pg_temp.sid_of(:'session'), :'sid'::uuid, '... this one is');
SELECT doesnt_match(pg_temp.text(pg_temp.get('/account', '', :'session')), 'iPhone', '... and it is not listed');
ROLLBACK TO s;

SELECT pg_temp.post('/account', 'revoke_grant=' || :'notes' || '&csrf=' || :'csrf', :'session') \g /dev/null
SELECT ok((SELECT f.revoked_at IS NOT NULL FROM oauth.token_families AS f WHERE f.family_id = :'notes_family'), 'a consent taken back ends its tokens');
SELECT is((SELECT count(*) FROM oauth.token_families AS f WHERE f.revoked_at IS NULL), 2::bigint, '... no other client''s, nobody else''s');
SELECT is((SELECT array_agg(subject) FROM oauth.grants WHERE revoked_at IS NULL), ARRAY[:'bob'], '... and is no more');
SELECT doesnt_match(pg_temp.text(pg_temp.get('/account', '', :'session')), '<strong>Notes', '... and not listed');
ROLLBACK TO s;

SELECT pg_temp.post('/account', 'revoke_grant=' || :'mail' || '&csrf=' || :'csrf', :'session') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', 'refresh_token', 'client_id', :'mail', 'refresh_token', :'refresh_token'))), '400 invalid_grant', 'what a client got without asking is taken back as well, its refresh token is dead');
ROLLBACK TO s;
SELECT is(pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', 'refresh_token', 'client_id', :'mail', 'refresh_token', :'refresh_token'))), '200', '... which else would work');
ROLLBACK TO s;

-- ---------------------------------------------------------------------------
-- Everything

SELECT pg_temp.post('/account', 'end_all=yes&csrf=' || :'csrf', :'session') \g /dev/null
SELECT is(ARRAY[pg_temp.sid_of(:'session'), pg_temp.sid_of(:'session_2'), pg_temp.sid_of(:'bobs')], ARRAY[NULL, NULL, :'bobs_sid'::uuid], 'logged out everywhere, and nobody else');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'session_ended' AND subject = :'alice'), 2::bigint, '... as the audit says');
ROLLBACK TO s;

-- ---------------------------------------------------------------------------
-- Never what is another's

SELECT pg_temp.post('/account', 'end_session=' || :'bobs_sid' || '&csrf=' || :'csrf', :'session') \g /dev/null
SELECT is(pg_temp.sid_of(:'bobs'), :'bobs_sid'::uuid, 'another user''s session goes on');
SELECT pg_temp.post('/account', oauth.form_of('end_session', v, 'csrf', :'csrf'), :'session') FROM (VALUES ('x'), (''' OR true --'), ('%')) AS w (v) \g /dev/null
SELECT pg_temp.post('/account', oauth.form_of('revoke_grant', 'unknown', 'csrf', :'csrf'), :'session') \g /dev/null
SELECT is((SELECT count(*) FROM oauth.login_sessions WHERE ended_at IS NULL), 3::bigint, 'what is no session''s ends none');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event IN ('session_ended', 'grant_revoked')), 0::bigint, '... and is not in the audit');

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
SELECT * FROM finish();
ROLLBACK;
