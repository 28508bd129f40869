\i test/tap.psql
-- What has expired goes, and what is needed to see that a token was stolen stays.
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com') AS issuer_id \gset
SELECT oauth.create_user('alice') AS alice \gset
SELECT oauth.create_client('App', '{https://app.example.com/cb}', client_id => 'app', token_endpoint_auth_method => 'none') \g /dev/null

-- Of each table one row that is due, and one that is a minute short of it
CREATE FUNCTION pg_temp.left_over() RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(kept ORDER BY kept) FROM (
        SELECT 'access_tokens ' || encode(token_hash, 'escape') FROM oauth.access_tokens
        UNION ALL SELECT 'device_codes ' || user_code FROM oauth.device_codes
        UNION ALL SELECT 'login_sessions ' || user_agent FROM oauth.login_sessions
        UNION ALL SELECT 'replay ' || presenter FROM oauth.replay
        UNION ALL SELECT 'revocations ' || id FROM oauth.revocations
        UNION ALL SELECT 'throttle ' || kind FROM oauth.throttle
        UNION ALL SELECT 'token_families ' || nonce FROM oauth.token_families) AS t (kept)
$$;
INSERT INTO oauth.access_tokens (issuer_id, token_hash, claims, expires_at)
SELECT :issuer_id, name::bytea, '{}', clock_timestamp() - late FROM (VALUES ('due', interval '1 minute'), ('kept', '-1 minute')) AS v (name, late);
INSERT INTO oauth.device_codes (issuer_id, device_code_hash, user_code, client_id, scopes, expires_at)
SELECT :issuer_id, name::bytea, name, 'app', '{}', clock_timestamp() - late FROM (VALUES ('due', interval '61 minutes'), ('kept', '59 minutes')) AS v (name, late);
INSERT INTO oauth.login_sessions (issuer_id, session_hash, subject, user_agent, ended_at, expires_at)
SELECT :issuer_id, name::bytea, :'alice', name, clock_timestamp() - ended, clock_timestamp() - late
FROM (VALUES ('due, expired', NULL::interval, interval '31 days'), ('due, ended', '31 days', '1 day'), ('kept', '29 days', '1 day')) AS v (name, ended, late);
INSERT INTO oauth.replay (issuer_id, presenter, jti_hash, expires_at)
SELECT :issuer_id, name, '', clock_timestamp() - late FROM (VALUES ('due', interval '1 minute'), ('kept', '-1 minute')) AS v (name, late);
INSERT INTO oauth.revocations (issuer_id, kind, id, expires_at)
SELECT :issuer_id, 'token', name, clock_timestamp() - late FROM (VALUES ('due', interval '1 minute'), ('kept', '-1 minute')) AS v (name, late);
INSERT INTO oauth.throttle (issuer_id, kind, id_hash, failed_at)
SELECT :issuer_id, name, '', clock_timestamp() - late FROM (VALUES ('due', interval '25 hours'), ('kept', '23 hours')) AS v (name, late);
-- A family, and when it was begun, ends and was revoked; its refresh tokens, and when each ends and was used.
CREATE FUNCTION pg_temp.family(name text, begun interval, ends interval, revoked interval, VARIADIC tokens interval[]) RETURNS uuid LANGUAGE sql AS $$
    WITH family AS (
        INSERT INTO oauth.token_families (issuer_id, client_id, subject, scopes, nonce, created_at, expires_at, revoked_at)
        SELECT u.issuer_id, 'app', u.subject, '{openid}', name, clock_timestamp() - begun, clock_timestamp() + ends, clock_timestamp() - revoked FROM oauth.users AS u
        RETURNING issuer_id, family_id
    ), code AS (
        INSERT INTO oauth.authorization_codes (issuer_id, code_hash, client_id, family_id, expires_at, consumed_at)
        SELECT issuer_id, oauth.hash_token('code of ' || name), 'app', family_id, clock_timestamp() - begun, clock_timestamp() - begun FROM family
    ), token AS (
        INSERT INTO oauth.refresh_tokens (issuer_id, token_hash, family_id, generation, expires_at, consumed_at)
        SELECT issuer_id, oauth.hash_token(name || n), family_id, n, clock_timestamp() + ends, CASE WHEN n < cardinality(tokens) THEN clock_timestamp() - begun END
        FROM family, unnest(tokens) WITH ORDINALITY AS t (ends, n)
        WHERE ends IS NOT NULL
    )
    SELECT family_id FROM family
$$;
SELECT pg_temp.family('due, revoked', '3 days', '9 days', '61 minutes', '2 days'), pg_temp.family('kept, revoked', '3 days', '9 days', '59 minutes', '2 days'),
       pg_temp.family('due, ended', '3 days', '-61 minutes', NULL, '-61 minutes'), pg_temp.family('kept, ended', '3 days', '-59 minutes', NULL, '-59 minutes'),
       pg_temp.family('due, idle', '30 days', '9 days', NULL, '-3 days', '-25 hours'), pg_temp.family('kept, idle', '30 days', '9 days', NULL, '-3 days', '-23 hours'),
       pg_temp.family('due, idle for a shorter time than was said once', '30 days', '9 days', NULL, '2 days', '-25 hours'),
       pg_temp.family('due, never redeemed', '49 hours', '9 days', NULL, NULL), pg_temp.family('kept, never redeemed', '47 hours', '9 days', NULL, NULL),
       pg_temp.family('kept, one of two', '30 days', '9 days', NULL, '-3 days', '-25 hours', '2 days'),
       pg_temp.family('kept', '30 days', '9 days', NULL, '-16 days', '-5 days', '2 days') \g /dev/null
SAVEPOINT due;
SELECT is(oauth.purge(1), 8::bigint, 'purge: one of each table, where no more may go');
ROLLBACK TO due;
SELECT is(oauth.purge(), 12::bigint, 'purge: what is due');
SELECT is(pg_temp.left_over(), '{access_tokens kept,device_codes kept,login_sessions kept,replay kept,revocations kept,throttle kept,"token_families kept","token_families kept, ended","token_families kept, idle","token_families kept, never redeemed","token_families kept, one of two","token_families kept, revoked"}', '... and nothing else');
SELECT is_empty($$ SELECT FROM oauth.health() WHERE finding ~ 'wait to be purged' $$, '... and no longer reported');
SELECT cmp_ok(oauth.purge_audit('0'), '>', 0::bigint, 'the audit trail is purged on demand');

-- ---------------------------------------------------------------------------
-- The thief has a token that was used weeks ago, and its family lives on.  Used ones stay,
-- all of them, however old.

CREATE FUNCTION pg_temp.refresh(token text) RETURNS text LANGUAGE sql AS
    $$ SELECT pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', 'refresh_token', 'client_id', 'app', 'refresh_token', token))) $$;
SELECT set_eq('SELECT t.generation FROM oauth.refresh_tokens AS t JOIN oauth.token_families AS f USING (issuer_id, family_id) WHERE f.nonce = ''kept''', '{1,2,3}'::int[], 'a family that lives has all its tokens');
SAVEPOINT lives;
SELECT is(pg_temp.refresh('kept3'), '200', '... the last of which is good');
ROLLBACK TO lives;
SELECT is(pg_temp.refresh('kept1'), '400 invalid_grant', 'the first comes again');
SELECT is(pg_temp.refresh('kept3'), '400 invalid_grant', '... and the last is good no more');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'refresh_token_reused'), 1::bigint, '... as the audit says');
ROLLBACK TO lives;
SELECT is(pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', 'authorization_code', 'client_id', 'app', 'code', 'code of kept'))), '400 invalid_grant', 'its code comes again');
SELECT is(pg_temp.refresh('kept3'), '400 invalid_grant', '... and the last token is good no more');
ROLLBACK TO lives;

-- Of one that was revoked nothing is left to end, and no answer is another.
UPDATE oauth.token_families SET revoked_at = clock_timestamp() - interval '59 minutes' WHERE nonce = 'kept';
SELECT is(pg_temp.refresh(t), '400 invalid_grant', 'a family that was revoked: ' || t) FROM unnest('{kept1,kept3}'::text[]) AS t;
UPDATE oauth.token_families SET revoked_at = revoked_at - interval '2 minutes' WHERE nonce = 'kept';
SELECT is(oauth.purge(), 1::bigint, '... and is purged');
SELECT is((SELECT count(*) FROM oauth.refresh_tokens AS t WHERE t.token_hash IN (oauth.hash_token('kept1'), oauth.hash_token('kept3'))), 0::bigint, '... with its tokens');
SELECT is(pg_temp.refresh(t), '400 invalid_grant', '... the same') FROM unnest('{kept1,kept3}'::text[]) AS t;
SELECT is_empty($$ SELECT FROM pg_constraint AS c WHERE c.contype = 'f' AND c.confrelid = 'oauth.token_families'::regclass AND NOT EXISTS (
    SELECT FROM pg_index AS i WHERE i.indrelid = c.conrelid AND (i.indkey::int2[])[0:1] = c.conkey) $$, 'whatever goes with a family is found by an index');

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
SELECT * FROM finish();
ROLLBACK;
