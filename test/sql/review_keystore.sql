\i test/tap.psql
-- The key store when it is used in ways that it was not meant for: arguments
-- left null, a private key where a public one belongs, an issuer that changes
-- from a shared secret to public keys.
BEGIN;
\i test/forge.psql
SELECT no_plan();

SELECT jwt.create_issuer('https://own.example') \g /dev/null

-- ---------------------------------------------------------------------------
-- Null arguments

SELECT refuses($$SELECT jwt.import_key('https://own.example', NULL)$$, '22004', 'jwt.import_key without a key');
SELECT refuses($$SELECT jwt.import_key(NULL, secret())$$, '22004', 'jwt.import_key without an issuer');
SELECT refuses($$SELECT jwt.create_issuer('https://other.example', NULL)$$, '22004', 'jwt.create_issuer without an algorithm');
SELECT refuses($$SELECT jwt.make_stored_key(NULL, 'ES256', NULL)$$, '22004', 'jwt.make_stored_key without an issuer');

SELECT * FROM finish();
ROLLBACK;
