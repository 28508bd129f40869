\i test/tap.psql
-- Stored private keys without a master key, and who may name one.  What takes
-- a file of the server's own is in test/t/masterkey.pl.

SELECT no_plan();
SELECT is(jwt.subject(), NULL, 'the library is loaded');
SELECT is(current_setting('oauth_jwt.master_key_file'), '', 'no master key here');

BEGIN;
SELECT jwt.create_issuer('https://plain.test') AS kid \gset
SELECT jwt.create_issuer('https://shared.test', 'HS256') AS shared \gset
SELECT matches((SELECT private_jwk FROM jwt.keys WHERE kid = :'kid'), '^\{"kty":"EC"', 'a private key is stored as it is');
SELECT jwt.issue('{}', 'https://plain.test') AS token, jwt.issue('{}', 'https://shared.test') AS token_shared \gset
CREATE TEMP TABLE before AS SELECT * FROM jwt.keys;
SELECT is(jwt.reseal_keys(), (SELECT count(*)::integer FROM jwt.keys WHERE private_jwk IS NOT NULL), 'reseal_keys counts the keys');
SELECT results_eq('TABLE jwt.keys ORDER BY kid', 'TABLE before ORDER BY kid', '... and leaves them as they are');

-- ---------------------------------------------------------------------------
-- A sealed key without its master key: whatever needs the private half fails,
-- whatever does not goes on.

UPDATE jwt.keys SET private_jwk = 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'
WHERE issuer IN ('https://plain.test', 'https://shared.test');
SELECT throws_ok('SELECT jwt.issue(''{}'', ''https://plain.test'')', 'JW051', 'master key is not available', 'nothing is issued');
SELECT is((jwt.check(:'token')).valid, true, 'tokens verify by the public key');
SELECT is(jwt.jwks('https://plain.test') #>> '{keys,0,kid}', :'kid', 'jwks is published');
SELECT throws_ok(format('SELECT jwt.verify(%L)', :'token_shared'), 'JW051', NULL, 'a shared secret cannot verify');
SELECT throws_ok(format('SELECT jwt.set_session(%L)', :'token_shared'), 'JW051', NULL, '... nor make a session');
SELECT throws_ok('SELECT jwt.reseal_keys()', 'JW051', NULL, 'reseal_keys raises');
SELECT lives_ok('SELECT jwt.rotate_key(''https://plain.test'')', 'rotate_key makes a new one');
SELECT throws_ok('SELECT jwt.issue(''{}'', ''https://plain.test'')', 'JW051', NULL, '... after the one that was sealed and waited');
SELECT lives_ok('SELECT jwt.rotate_key(''https://plain.test'')', '... so it takes two');
SELECT is((jwt.check(jwt.issue('{}', 'https://plain.test'))).valid, true, '... which sign');
SELECT is(jwt.revoke_key('https://shared.test', :'shared'), true, 'revoke_key needs no private half');
ROLLBACK;

-- ---------------------------------------------------------------------------
-- What is neither a JWK nor sealed

BEGIN;
SELECT jwt.create_issuer('https://plain.test') AS kid \gset
CREATE FUNCTION pg_temp.issue_with(stored text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jwt.keys SET private_jwk = stored WHERE issuer = 'https://plain.test';
    RETURN jwt.issue('{}', 'https://plain.test');
END
$$;
SELECT throws_ok(format('SELECT pg_temp.issue_with(%L)', stored), state, NULL, 'stored: ' || coalesce(nullif(stored, ''), 'nothing'))
FROM (VALUES ('', 'JW051'), ('x', 'JW051'), ('....', 'JW051'), ('{', 'JW052'), ('{}', 'JW052'), ('{"kty":"EC"}', 'JW052')) AS v (stored, state);
ROLLBACK;

-- ---------------------------------------------------------------------------
-- Who names the file: the configuration file's owner alone

CREATE ROLE regress_jwt_nobody;
SELECT throws_ok('SET oauth_jwt.master_key_file = ''/tmp/x''', '55P02', NULL, 'not even a superuser sets it in a session');
SELECT throws_ok('ALTER ROLE regress_jwt_nobody SET oauth_jwt.master_key_file = ''/tmp/x''', '55P02', NULL, '... or for a role');
SET ROLE regress_jwt_nobody;
\set VERBOSITY sqlstate
SHOW oauth_jwt.master_key_file \gset
\set show_state :SQLSTATE
\set VERBOSITY terse
SELECT count(*) AS shown FROM pg_settings WHERE name = 'oauth_jwt.master_key_file' \gset
RESET ROLE;
SELECT is(:'show_state'::text, '42501', 'an ordinary user does not see where it is');
SELECT is(:'shown'::integer, 0, '... in pg_settings either');
DROP ROLE regress_jwt_nobody;

SELECT * FROM finish();
