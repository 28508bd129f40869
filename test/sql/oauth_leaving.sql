\i test/tap.psql
-- Consents that an administrator takes back, and users who leave.  Whoever has a token
-- by then, or reads the database later, is to have no use of it, and find nobody.
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com') AS issuer_id \gset
SELECT oauth.create_resource('https://api.example.com', 'API', '{"read": "Read"}', is_default => true);
SELECT oauth.create_user('Alice') AS alice, oauth.create_user('Carol') AS carol \gset
SELECT oauth.create_client('App', '{https://app.example.com/cb}', '{read}', client_id => name, token_endpoint_auth_method => 'none') FROM unnest('{app,other}'::text[]) AS name \g /dev/null

-- ---------------------------------------------------------------------------
-- One consent.  Its refresh token is a thief's by now.

CREATE FUNCTION pg_temp.refresh_token(client_id text, subject text, grant_id uuid DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    family uuid := pg_temp.new_family(client_id, subject, 'read', grant_id => refresh_token.grant_id);
BEGIN
    RETURN (SELECT oauth.issue_refresh_token(i, f) FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) WHERE f.family_id = family);
END
$$;
CREATE FUNCTION pg_temp.refresh(token text, client_id text) RETURNS text LANGUAGE sql AS
    $$ SELECT pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', 'refresh_token', 'client_id', client_id, 'refresh_token', token))) $$;
SAVEPOINT s;
INSERT INTO oauth.grants (issuer_id, subject, client_id, scopes) SELECT i.issuer_id, s, c, '{read}' FROM oauth.issuers AS i, unnest(ARRAY[:'alice', :'carol']) AS s, unnest('{app,other}'::text[]) AS c;
SELECT grant_id AS alices_grant FROM oauth.grants WHERE subject = :'alice' AND client_id = 'app' \gset
SELECT pg_temp.refresh_token('app', :'alice', :'alices_grant') AS asked, pg_temp.refresh_token('app', :'alice') AS unasked,
       pg_temp.refresh_token('other', :'alice') AS others, pg_temp.refresh_token('app', :'carol') AS carols \gset
SELECT is(oauth.revoke_grant(:'alice', 'app'), true, 'revoke_grant');
SELECT is(pg_temp.refresh(t, 'app'), '400 invalid_grant', '... ends ' || what) FROM (VALUES (:'asked', 'what came of it'), (:'unasked', 'what the client got without asking')) AS v (t, what);
SELECT is((SELECT count(*) FROM oauth.revocations WHERE kind = 'family'), 2::bigint, '... with its access tokens');
SELECT is(pg_temp.refresh(:'others', 'other'), '200', '... not another client''s');
SELECT is(pg_temp.refresh(:'carols', 'app'), '200', '... nor another user''s');
SELECT is((SELECT string_agg(username || ' ' || client_id, ', ' ORDER BY username COLLATE "C", client_id) FROM oauth.standing_grants), 'Alice other, Carol app, Carol other', '... whose consent stands');
SELECT is(oauth.revoke_grant(:'alice', 'app'), false, '... once');
SELECT is(oauth.revoke_grant('nobody', 'app'), false, '... and not nobody''s');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'grant_revoked' AND subject = :'alice' AND client_id = 'app'), 1::bigint, '... as the audit says');
ROLLBACK TO s;

-- ---------------------------------------------------------------------------
-- A user who leaves.  Whoever reads the database later, or has one of her tokens, is
-- to find nothing of hers.

CREATE FUNCTION pg_temp.tables_with(pattern text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    found_in text[] := '{}';
    relation text;
    held boolean;
BEGIN
    FOR relation IN SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind = 'r' ORDER BY 1 LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM oauth.%I AS t WHERE t::text ~* $1)', relation) INTO held USING pattern;
        IF held THEN
            found_in := found_in || relation;
        END IF;
    END LOOP;
    RETURN found_in;
END
$$;
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/cb}', '{read}', token_endpoint_auth_method => 'none', subject_type => 'pairwise') \gset
SELECT oauth.create_client('TV', '{}', '{read}', '{urn:ietf:params:oauth:grant-type:device_code}', client_id => 'tv', token_endpoint_auth_method => 'none') \g /dev/null
INSERT INTO jwt.issuers (issuer, jwks, algorithms) SELECT 'https://idp.example.net', '{"keys": []}', '{ES256}';
SELECT oauth.link_identity(:'alice', 'https://idp.example.net', '4711') \g /dev/null
SELECT pg_temp.session_of(:'alice', '203.0.113.7', 'Her browser') AS session \gset
INSERT INTO oauth.grants (issuer_id, subject, client_id, scopes) SELECT i.issuer_id, :'alice', :'client_id', '{read}' FROM oauth.issuers AS i;
SELECT pg_temp.new_family(:'client_id', :'alice', 'read') AS family \gset
SELECT pg_temp.new_code(:'family') AS code, oauth.issue_refresh_token(i, f) AS refresh FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) WHERE f.family_id = :'family' \gset
INSERT INTO oauth.device_codes (issuer_id, device_code_hash, user_code, client_id, scopes, family_id, state, expires_at)
SELECT i.issuer_id, '', 'x', 'tv', '{read}', pg_temp.new_family('tv', :'alice', 'read'), 'approved', now() + interval '1 hour' FROM oauth.issuers AS i;
SELECT (oauth.issue_access_token(i, c, f, f.scopes, f.resources)).token AS token
FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id) WHERE f.family_id = :'family' \gset
UPDATE oauth.resources SET access_token_format = 'opaque';
SELECT (oauth.issue_access_token(i, c, f, f.scopes, f.resources)).token AS opaque
FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id) WHERE f.family_id = :'family' \gset
SELECT (SELECT p.pairwise_subject FROM oauth.pairwise_subjects AS p) AS pairwise \gset
SELECT pg_temp.post('/token', oauth.form_of('grant_type', 'authorization_code', 'client_id', :'client_id', 'code', :'code')) \g /dev/null
INSERT INTO oauth.audit (issuer_id, event, subject, remote_addr, detail)
SELECT i.issuer_id, e, s, '203.0.113.7', d FROM oauth.issuers AS i, (VALUES ('login', :'alice', NULL::jsonb), ('code_replayed', NULL, jsonb_build_object('family_id', :'family'))) AS v (e, s, d);
\set hers :alice '|' :pairwise '|alice|203\\.0\\.113\\.7'
SELECT is(pg_temp.tables_with(:'hers'), '{access_tokens,audit,federated_identities,grants,login_sessions,pairwise_subjects,token_families,users}', 'what there is of alice''s');
SELECT is(oauth.access_token_claims(i, t) ->> 'sub', :'pairwise', '... a token that stands') FROM oauth.issuers AS i, unnest(ARRAY[:'token', :'opaque']) AS t;
SELECT count(*) AS lines FROM oauth.audit WHERE subject = :'alice' \gset
SAVEPOINT leaving;
SELECT is(oauth.delete_user(:'alice'), true, 'delete_user');
SELECT is(pg_temp.tables_with(:'hers'), '{revocations}', '... leaves nothing but what revokes her tokens');
SELECT set_eq('SELECT r.id FROM oauth.revocations AS r WHERE r.kind = ''user'' AND r.expires_at < now() + interval ''26 hours''', ARRAY[:'alice', :'pairwise'], '... for a day');
SELECT is(oauth.access_token_claims(i, t), NULL, '... a token that stands no longer') FROM oauth.issuers AS i, unnest(ARRAY[:'token', :'opaque']) AS t;
SELECT is(pg_temp.refresh(:'refresh', :'client_id'), '400 invalid_grant', '... nor a refresh token');
SELECT is(pg_temp.user_of(:'session'), NULL, '... nor a session');
SELECT is((SELECT array_agg(DISTINCT t) FROM (SELECT 'code' FROM oauth.authorization_codes UNION SELECT 'refresh' FROM oauth.refresh_tokens UNION SELECT 'device' FROM oauth.device_codes) AS v (t)), NULL, '... nor what they hang on');
SELECT is((SELECT count(DISTINCT a.subject) || ' ' || (count(*) > :lines)::text FROM oauth.audit AS a WHERE a.subject ^@ 'deleted '), '1 true', '... and a trail of somebody whom nobody knows');
SELECT is((SELECT count(*) FROM oauth.audit AS a WHERE a.subject ^@ 'deleted ' AND a.event = 'user_deleted'), 1::bigint, '... to the end');
SELECT is((SELECT a.subject FROM oauth.audit AS a WHERE a.event = 'code_replayed'), NULL, '... and no name where none was');
SELECT is(oauth.delete_user(:'alice'), false, '... once');
SELECT isnt(oauth.create_user('Alice', 'x'), :'alice', '... her name is free');
ROLLBACK TO leaving;
SELECT oauth.delete_user(:'carol') \g /dev/null
SELECT is(pg_temp.tables_with(:'hers'), '{access_tokens,audit,federated_identities,grants,login_sessions,pairwise_subjects,token_families,users}', 'nothing of alice''s goes with carol');
SELECT is(pg_temp.user_of(:'session'), :'alice', '... she is logged in');

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
SELECT * FROM finish();
ROLLBACK;
