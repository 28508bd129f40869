\i test/tap.psql
-- Forms, random tokens, hashes and passwords of the authorization server.

BEGIN;
SELECT no_plan();

-- ---------------------------------------------------------------------------
-- Forms (RFC 6749 appendix B)

CREATE FUNCTION pg_temp.parse(form text) RETURNS jsonb LANGUAGE sql AS $$SELECT oauth.parse_form(convert_to(form, 'UTF8'))$$;
SELECT is(pg_temp.parse(form), parsed::jsonb, form)
FROM (VALUES
    ('', '{}'),
    ('&&', '{}'),
    ('a=1', '{"a": "1"}'),
    ('a=1&b=2', '{"a": "1", "b": "2"}'),
    ('a=1&a=2&b=3&a=4', '{"a": ["1", "2", "4"], "b": "3"}'),
    ('a=&b', '{}'),
    ('a=1&a=', '{"a": "1"}'),
    ('a=b=c', '{"a": "b=c"}'),
    ('a+b=c+d', '{"a b": "c d"}'),
    ('%61=%2b%26%3D', '{"a": "+&="}'),
    ('a=%22%5c%0A', '{"a": "\"\\\n"}'),
    ('a=%E2%82%AC', '{"a": "€"}'),
    ('a=€', '{"a": "€"}'),
    ('=x', '{"": "x"}')) AS v (form, parsed);

-- An attacker sends what decoders read in different ways: all of it is refused.
SELECT is(pg_temp.parse(form), NULL, 'malformed: ' || form)
FROM unnest(ARRAY['a=%', 'a=%4', 'a=%zz', 'a=%4g', '%=1', 'a=1&b=%', 'a=%00', 'a=%ff', 'a=%c0%80', 'a=%ed%a0%80', 'a=%e2%82', 'a=%f4%90%80%80']) AS form;
SELECT is(oauth.parse_form('\x613d00'), NULL, 'malformed: NUL');
SELECT is(oauth.parse_form('\x613dff'), NULL, 'malformed: a byte that is no UTF-8');
SELECT is(pg_temp.parse(repeat('a', 65537)), NULL, 'more than 64 KiB');
SELECT isnt(pg_temp.parse('a=' || repeat('a', 65534)), NULL, '... but not less');
SELECT is(pg_temp.parse((SELECT string_agg('p' || n || '=1', '&') FROM generate_series(1, 201) AS n)), NULL, 'more than 200 parameters');
SELECT isnt(pg_temp.parse((SELECT string_agg('p' || n || '=1', '&') FROM generate_series(1, 200) AS n)), NULL, '... but not 200');

SELECT is(oauth.form_encode('AZaz09-._~'), 'AZaz09-._~', 'unreserved characters stay (RFC 3986 2.3)');
SELECT is(oauth.form_encode(' +&=%/?#"<€'), '%20%2B%26%3D%25%2F%3F%23%22%3C%E2%82%AC', 'all others do not');
SELECT is(pg_temp.parse('a=' || oauth.form_encode(value)) ->> 'a', value, 'and back')
FROM (SELECT string_agg(chr(n), '') AS value FROM generate_series(1, 700) AS n) AS v;

-- ---------------------------------------------------------------------------
-- Tokens

SELECT is((SELECT count(DISTINCT oauth.random_token()) FROM generate_series(1, 1000)), 1000::bigint, 'random tokens differ');
SELECT matches(oauth.random_token(), '^[A-Za-z0-9_-]{43}$', '... and have 256 bits in base64url');
SELECT matches(oauth.random_user_code(), '^[BCDFGHJKLMNPQRSTVWXZ]{8}$', 'user codes have eight letters (RFC 8628 6.1)');
SELECT is((SELECT count(DISTINCT l) FROM (SELECT oauth.random_user_code() AS code FROM generate_series(1, 500)) AS c, string_to_table(code, NULL) AS l), 20::bigint, '... of twenty');
SELECT is(oauth.hash_token('abc'), sha256('abc'), 'tokens are hashed with SHA-256');
SELECT is(oauth.base64url('\x00fffe'), 'AP_-', 'base64url');
SELECT is(oauth.base64url_decode('AP_-'), '\x00fffe', '... and back');
SELECT is(oauth.base64url_decode(encoded), NULL, 'no base64url: ' || encoded) FROM unnest(ARRAY['AP/+', 'A', 'AB', 'AA==', 'A A']) AS encoded;
SELECT is(oauth.equal('abc', 'abc'), true, 'equal');
SELECT is(oauth.equal('abc', 'abd'), false, 'not equal');
SELECT is(oauth.equal('abc', 'ab'), false, 'not of equal length');

-- ---------------------------------------------------------------------------
-- Passwords (RFC 7914)

-- Vectors 2 and 3 of RFC 7914 12.
SELECT is(oauth.verify_password('password', '$scrypt$ln=10,r=8,p=16$' || oauth.base64url('NaCl') || '$'
    || oauth.base64url('\xfdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640')),
    true, 'RFC 7914 12, N 1024');
SELECT is(oauth.verify_password('pleaseletmein', '$scrypt$ln=14,r=8,p=1$' || oauth.base64url('SodiumChloride') || '$'
    || oauth.base64url('\x7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887')),
    true, 'RFC 7914 12, N 16384');

SET LOCAL oauth_jwt.password_cost = 10;
SELECT oauth.hash_password('correct horse') AS hash \gset
SELECT matches(:'hash'::text, '^\$scrypt\$ln=10,r=8,p=1\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$', 'a hash has its parameters with it');
SELECT isnt(oauth.hash_password('correct horse'), :'hash'::text, 'each has a salt of its own');
SELECT is(oauth.verify_password('correct horse', :'hash'), true, 'the password');
SELECT is(oauth.verify_password('correct horsf', :'hash'), false, 'another');
SELECT is(oauth.verify_password('', :'hash'), false, 'none');
SELECT is(oauth.verify_password(NULL, :'hash'), false, 'NULL');
SELECT is(oauth.verify_password('correct horse', NULL), false, 'no hash');
SELECT is(oauth.verify_password(repeat('x', 100) || 'a', oauth.hash_password(repeat('x', 100) || 'b')), false, 'every character counts, beyond the 72nd too');
SELECT is(oauth.verify_password('grüße', oauth.hash_password('grüße')), true, 'not only ASCII');
SELECT throws_ok($$ SELECT oauth.hash_password(repeat('x', 1025)) $$, '22023', 'password is too long', 'more than 1024 bytes');
SELECT lives_ok($$ SELECT oauth.hash_password(repeat('x', 1024)) $$, '... but not 1024');

-- Whoever can write a row must not make a log-in eat the server's memory.
SELECT is(oauth.verify_password('x', hash), false, 'refused: ' || hash)
FROM unnest(ARRAY['', 'x', '$scrypt$', '$scrypt$ln=40,r=8,p=1$AAAA$AAAA', '$scrypt$ln=20,r=99,p=1$AAAA$' || repeat('A', 43), '$scrypt$ln=10,r=0,p=1$AAAA$' || repeat('A', 43),
                  '$scrypt$ln=10,r=8,p=99$AAAA$' || repeat('A', 43), '$scrypt$ln=10,r=8,p=1$AAAA$AAAA', '$scrypt$ln=10,r=8,p=1$AAAA$' || repeat('A', 100),
                  '$scrypt$ln=10,r=8,p=1$' || repeat('A', 400) || '$' || repeat('A', 43), '$2b$12$abcdefghijklmnopqrstuv']) AS hash;
SELECT is(oauth.password_needs_rehash(:'hash'), false, 'a hash of today''s cost is kept');
SET LOCAL oauth_jwt.password_cost = 11;
SELECT is(oauth.password_needs_rehash(:'hash'), true, '... and made anew when the cost grows');
SELECT is(oauth.verify_password('correct horse', :'hash'), true, '... but good until then');
SELECT is(oauth.password_needs_rehash('x'), true, 'what is no hash needs one');

SELECT * FROM finish();
ROLLBACK;
