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
    ('=x', '{"": "x"}'),
    ('=', '{}'),
    ('a=1;b=2', '{"a": "1;b=2"}'),
    ('a=1&A=2', '{"a": "1", "A": "2"}'),
    ('a=1&%61=2', '{"a": ["1", "2"]}'),
    ('a=%7f%01', '{"a": "\u007f\u0001"}')) AS v (form, parsed);

-- An attacker sends what decoders read in different ways: all of it is refused.
SELECT is(pg_temp.parse(form), NULL, 'malformed: ' || form)
FROM unnest(ARRAY['a=%', 'a=%4', 'a=%zz', 'a=%4g', '%=1', 'a=1&b=%', 'a=%00', 'a=%ff', 'a=%c0%80', 'a=%ed%a0%80', 'a=%e2%82', 'a=%f4%90%80%80',
                  '%00=1', '%ff=1', 'a%00b=1', 'ok=1&a=%ff&ok=2', 'a=%-1', 'a=% 1', 'a=%+1', 'a=%u0041']) AS form;
SELECT is(oauth.parse_form('\x613d00'), NULL, 'malformed: NUL');
SELECT is(oauth.parse_form('\x613dff'), NULL, 'malformed: a byte that is no UTF-8');
-- Long runs go another way through the validation than short ones.
SELECT is(pg_temp.parse('a=' || repeat('x', n) || bad || repeat('y', 50)), NULL, 'malformed: ' || bad || ' after ' || n)
FROM generate_series(0, 64, 16) AS n, unnest(ARRAY['%00', '%ff']) AS bad;
SELECT is(pg_temp.parse(repeat('a', 65537)), NULL, 'more than 64 KiB');
SELECT is(pg_temp.parse('a=' || repeat('a', 1048576)), NULL, '... a megabyte');
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
-- 256 is no multiple of 20: a bare remainder would give the last four 37500 times, chance gives 40000 with a deviation of 179.
SELECT cmp_ok((SELECT count(*) FROM (SELECT oauth.random_user_code() AS code FROM generate_series(1, 25000)) AS c, string_to_table(code, NULL) AS l WHERE l IN ('V', 'W', 'X', 'Z')), '>', 38800::bigint, '... none rarer than others');
SELECT is(oauth.hash_token('abc'), sha256('abc'), 'tokens are hashed with SHA-256');
SELECT is(oauth.base64url('\x00fffe'), 'AP_-', 'base64url');
SELECT is(oauth.equal('abc', 'abc'), true, 'equal');
SELECT is(oauth.equal('abc', 'abd'), false, 'not equal');
SELECT is(oauth.equal('abc', 'ab'), false, 'not of equal length');
-- How long it takes does not tell how much of a guess is right: measured by turns, the least of each.
CREATE FUNCTION pg_temp.time_of_equal(a bytea, b bytea) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    PERFORM oauth.equal(a, b);
    RETURN extract(epoch FROM clock_timestamp() - began);
END
$$;
SELECT cmp_ok(min(pg_temp.time_of_equal(a, '\x01' || substr(a, 2))) / min(pg_temp.time_of_equal(a, substr(a, 2) || '\x01')), '>', 0.7::double precision, 'the first byte wrong takes as long as the last one')
FROM (SELECT decode(repeat('00', 1048576), 'hex') AS a) AS v, generate_series(1, 20);
SELECT is(oauth.is_one_of(secret, hashes), expected, 'one of: ' || what)
FROM (SELECT oauth.hash_token('a') AS a, oauth.hash_token('b') AS b, oauth.hash_token('') AS empty) AS h, LATERAL (VALUES
    ('the first', 'a', ARRAY[a, b], true), ('the second', 'b', ARRAY[a, b], true), ('neither', 'c', ARRAY[a, b], false),
    ('none there are', 'a', '{}', false), ('none known', 'a', NULL, false), ('NULL among them', 'a', ARRAY[NULL, a], true),
    ('no secret', NULL, ARRAY[a, empty], false), ('the hash itself', encode(a, 'hex'), ARRAY[a], false),
    ('of another length', 'a', ARRAY[substr(a, 1, 31), a || '\x00'::bytea, ''], false)
) AS v (what, secret, hashes, expected);
SELECT matches(pg_get_functiondef(f::regproc), 'oauth\.equal\(', f || ': in constant time') FROM unnest('{oauth.is_own_form,oauth.is_code_verifier}'::text[]) AS f;

-- ---------------------------------------------------------------------------
-- Passwords (RFC 7914)

-- Vectors 1 to 3 of RFC 7914 12.
SELECT is(oauth.verify_password('', '$scrypt$ln=4,r=1,p=1$$'
    || oauth.base64url('\x77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906')),
    true, 'RFC 7914 12, N 16');
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
SELECT is(oauth.verify_password(repeat('x', 1025), :'hash'), false, 'at a log-in, too long is wrong and no error');
-- made by Python's hashlib
SELECT is(oauth.verify_password(repeat('x', 1024), '$scrypt$ln=4,r=1,p=1$TmFDbA$' || oauth.base64url('\x44261eb2f55623af90e73e15a593473693df1071be9c3d34b1b69adcb074ecaf')), true, '... 1024 bytes against another program''s hash');
SELECT is(oauth.verify_password(repeat('x', 1025), '$scrypt$ln=4,r=1,p=1$TmFDbA$' || oauth.base64url('\x1d905186b46498c60f9adcf9ea6a09b4ddf12fa29a7ee9d1c699578f7710e228')), false, '... too long even where it fits');

-- Whoever can write a row must not make a log-in eat the server's memory or time,
-- nor fail otherwise than by a wrong password.  A hash that cannot be read needs a
-- new one, whatever the cost: so it shows that it was refused before any work.
CREATE FUNCTION pg_temp.stored(parameters text, salt integer DEFAULT 22, hash integer DEFAULT 43) RETURNS text
LANGUAGE sql AS $$SELECT '$scrypt$' || parameters || '$' || repeat('A', salt) || '$' || repeat('A', hash)$$;
CREATE TEMP TABLE refused AS
SELECT v.reason, v.hash
FROM (VALUES
    ('empty', ''),
    ('no hash', 'x'),
    ('no parameters', '$scrypt$'),
    ('another algorithm', '$2b$12$abcdefghijklmnopqrstuv'),
    ('memory, by N', pg_temp.stored('ln=19,r=8,p=1')),
    ('memory, by N beyond a shift', pg_temp.stored('ln=99,r=8,p=1')),
    ('memory, by r', pg_temp.stored('ln=15,r=65,p=1')),
    ('time, by p', pg_temp.stored('ln=18,r=8,p=2')),
    ('time, by p alone', pg_temp.stored('ln=10,r=8,p=17')),
    ('N of 1', pg_temp.stored('ln=0,r=8,p=1')),
    ('N not below 2^(16 r)', pg_temp.stored('ln=16,r=1,p=1')),
    ('r of 0', pg_temp.stored('ln=10,r=0,p=1')),
    ('p of 0', pg_temp.stored('ln=10,r=8,p=0')),
    ('a negative number', pg_temp.stored('ln=10,r=8,p=-1')),
    ('a sign', pg_temp.stored('ln=+10,r=8,p=1')),
    ('a space', pg_temp.stored('ln= 10,r=8,p=1')),
    ('a leading zero', pg_temp.stored('ln=10,r=08,p=1')),
    ('three digits', pg_temp.stored('ln=010,r=8,p=1')),
    ('another order', pg_temp.stored('r=8,ln=10,p=1')),
    ('a short hash', pg_temp.stored('ln=10,r=8,p=1', 22, 42)),
    ('a long hash', pg_temp.stored('ln=10,r=8,p=1', 22, 87)),
    ('a huge hash', pg_temp.stored('ln=10,r=8,p=1', 22, 1000000)),
    ('a long salt', pg_temp.stored('ln=10,r=8,p=1', 87)),
    ('a huge salt', pg_temp.stored('ln=10,r=8,p=1', 1000000)),
    ('salt that is no base64url', '$scrypt$ln=10,r=8,p=1$AA==$' || repeat('A', 43)),
    ('hash that is no base64url', '$scrypt$ln=10,r=8,p=1$' || repeat('A', 22) || '$' || repeat('A', 43) || '='),
    ('no hash part', '$scrypt$ln=10,r=8,p=1$' || repeat('A', 22)),
    ('one part more', pg_temp.stored('ln=10,r=8,p=1') || '$')) AS v (reason, hash);
SELECT is(oauth.password_needs_rehash(hash), false, 'read: ' || hash)
FROM unnest(ARRAY[pg_temp.stored('ln=10,r=8,p=1'), pg_temp.stored('ln=18,r=8,p=1'), pg_temp.stored('ln=15,r=8,p=8'), pg_temp.stored('ln=10,r=8,p=16'),
                  pg_temp.stored('ln=10,r=8,p=1', 86, 86)]) AS hash;
SELECT is(oauth.password_needs_rehash(hash), true, 'refused: ' || reason) FROM refused;
SELECT is(oauth.verify_password('x', hash), false, 'no log-in by it: ' || reason) FROM refused;

-- How long an answer takes does not tell who is a user, nor whose hash is old.
-- Measured by turns with a hash of today's cost, the least of seven each, so that
-- a busy machine slows both; work that is left out would leave a hundredth.
SET LOCAL oauth_jwt.password_cost = 12;
CREATE FUNCTION pg_temp.share(password text, hash text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    usual constant text := oauth.hash_password('y');
    least_usual double precision := 'infinity';
    least_time double precision := 'infinity';
    began timestamptz;
BEGIN
    FOR n IN 1..7 LOOP
        began := clock_timestamp();
        PERFORM oauth.verify_password('x', usual);
        least_usual := least(least_usual, extract(epoch FROM clock_timestamp() - began));
        began := clock_timestamp();
        PERFORM oauth.verify_password(password, hash);
        least_time := least(least_time, extract(epoch FROM clock_timestamp() - began));
    END LOOP;
    RETURN least_time / least_usual;
END
$$;
SELECT cmp_ok(pg_temp.share(password, hash), '>', 0.05::double precision, 'takes as long: ' || what)
FROM (VALUES
    ('no hash', 'x', NULL),
    ('a malformed one', 'x', 'x'),
    ('one that asks too much', 'x', pg_temp.stored('ln=18,r=8,p=16')),
    ('a password that is too long', repeat('x', 1025), pg_temp.stored('ln=4,r=1,p=1')),
    ('a hash of a lower cost', 'x', pg_temp.stored('ln=4,r=1,p=1')),
    ('... of another shape', 'x', pg_temp.stored('ln=3,r=3,p=5')),
    ('... and its password', repeat('x', 1024), '$scrypt$ln=4,r=1,p=1$TmFDbA$' || oauth.base64url('\x44261eb2f55623af90e73e15a593473693df1071be9c3d34b1b69adcb074ecaf'))) AS v (what, password, hash);
SET LOCAL oauth_jwt.password_cost = 10;

SELECT is(oauth.password_needs_rehash(:'hash'), false, 'a hash of today''s cost is kept');
SELECT oauth.hash_password('ü') AS umlaut \gset
SET LOCAL oauth_jwt.password_cost = 11;
SELECT is(oauth.password_needs_rehash(:'hash'), true, '... and made anew when the cost grows');
SELECT is(oauth.verify_password('correct horse', :'hash'), true, '... but good until then');
SELECT is(oauth.password_needs_rehash(pg_temp.stored('ln=15,r=4,p=1')), true, 'so is one of smaller blocks');
SELECT is(oauth.password_needs_rehash(pg_temp.stored('ln=15,r=8,p=1', 11)), true, '... and of a shorter salt');
SELECT is(oauth.password_needs_rehash(NULL), NULL, 'without a hash there is nothing to make anew');

-- An object of what there is.
SELECT is(oauth.json_of('a', 'x'::text, 'b', 'literal', 'c', 1, 'd', 9223372036854775807, 'e', true, 'f', false, 'g', '{"h": [null, {"i": null}]}'::jsonb,
                        'j', '"scalar"'::jsonb, 'k', '{p,NULL,"q\"r"}'::text[], 'l', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, 'm', ''),
    jsonb_build_object('a', 'x'::text, 'b', 'literal', 'c', 1, 'd', 9223372036854775807, 'e', true, 'f', false, 'g', '{"h": [null, {"i": null}]}'::jsonb,
                       'j', '"scalar"'::jsonb, 'k', '{p,NULL,"q\"r"}'::text[], 'l', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, 'm', ''),
    'json_of writes what jsonb_build_object writes');
SELECT is(oauth.json_of('a', NULL::text, 'b', NULL, 'c', 'null'::jsonb, 'd', 'null'::text, 'e', '[null]'::jsonb, 'f', NULL::text[]), '{"d": "null", "e": [null]}',
    'but for what is NULL or null');
SELECT is(oauth.json_of('a', NULL::text), '{}', 'an object of nothing is empty');
SELECT is(oauth.json_of('a', '{}'::text[], 'b', '[]'::jsonb, 'c', '{}'::jsonb), '{"a": [], "b": [], "c": {}}', 'empty values stay');
SELECT is(oauth.json_of('a', 1, 'a', 2), '{"a": 2}', 'of a name given twice the last counts');
SELECT is(oauth.json_of(repeat('n', 100)::text, repeat('"', 100000)), jsonb_build_object(repeat('n', 100), repeat('"', 100000)), 'long values are written whole');
SELECT throws_ok($$SELECT oauth.json_of('a')$$, '22023', 'names and values are given in turn');
SELECT throws_ok($$SELECT oauth.json_of(VARIADIC '{a,b}'::text[])$$, '22023', 'names and values are given in turn');
SELECT throws_ok($$SELECT oauth.json_of(NULL, 1)$$, '22004', 'a member has no name');
SELECT throws_ok($$SELECT oauth.json_of(1, 1)$$, '42804', 'the name of a member is not text');
SELECT throws_ok($$SELECT oauth.json_of('a', 1.5)$$, '42804', 'a member cannot be of type numeric');

SELECT * FROM finish();
ROLLBACK;

-- ---------------------------------------------------------------------------
-- A database in another encoding: what it has no character for is refused.
-- Bytes on the wire and under a hash are UTF-8 all the same.
\set original :DBNAME
CREATE DATABASE oauth_jwt_encoding_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0;
\c oauth_jwt_encoding_latin1
SET client_encoding = 'UTF8';
CREATE EXTENSION pgtap;
CREATE EXTENSION oauth_jwt;
SELECT no_plan();
SELECT is(oauth.parse_form('a%C3%BC=%C3%BC%0A'), '{"aü": "ü\n"}', 'LATIN1: UTF-8 is converted');
SELECT is(oauth.parse_form(convert_to('a=' || repeat('%C3%BC', 10000), 'UTF8')) ->> 'a', repeat('ü', 10000), '... a long value too');
SELECT is(oauth.parse_form(form::bytea), NULL, 'LATIN1: refused: ' || form) FROM unnest(ARRAY['a=%FC', 'a=x%E2%82%AC', '%E2%82%AC=1', 'a=%00']) AS form;
SELECT is(oauth.form_encode('ü'), '%C3%BC', '... and back');
SELECT is(oauth.hash_token('ü'), sha256('\xc3bc'), 'LATIN1: a token''s hash is that of its UTF-8');
SELECT is(oauth.verify_password('ü', :'umlaut'), true, 'LATIN1: a password''s hash moves with a dump');
SELECT * FROM finish();
\c :original
DROP DATABASE oauth_jwt_encoding_latin1;
