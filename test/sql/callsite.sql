\i test/tap.psql
-- What a call remembers from row to row must not outlive what it depends on:
-- its last key, and the options that are constants.

CREATE TEMP TABLE keys AS SELECT n, repeat(chr(96 + n), 32) AS secret FROM generate_series(1, 3) AS n;
CREATE TEMP TABLE tokens AS
SELECT n, secret, jwt.sign(jsonb_build_object('iss', 'issuer ' || n, 'sub', n::text), secret) AS token FROM keys;

SELECT no_plan();

-- ---- keys ----

SELECT is(string_agg((jwt.check(t.token, k.secret)).valid::text, ' ' ORDER BY t.n, k.n),
          'true false false false true false false false true', 'keys of one length, one call: each is itself')
FROM tokens AS t, keys AS k;
SELECT is(string_agg(jwt.verify(token, secret) ->> 'sub', ' ' ORDER BY g, n), '1 2 3 1 2 3', 'the key changes with each row')
FROM generate_series(1, 2) AS g, tokens;
SELECT is(string_agg((jwt.check(jwt.sign('{}', k.secret), 'cccccccccccccccccccccccccccccccc')).valid::text, ' ' ORDER BY k.n),
          'false false true', 'signing changes its key with each row too')
FROM keys AS k;

-- Between two rows, enough other keys to push this one out.
SELECT is(string_agg(jwt.verify(token, secret) ->> 'sub', ' '), '1 1 1', 'a key that is forgotten between is read again')
FROM tokens, generate_series(1, 3) AS g,
     LATERAL (SELECT count(jwt.sign('{}', md5(g::text) || md5(i::text))) FROM generate_series(1, 100) AS i) AS others
WHERE tokens.n = 1 AND others.count = 100;

-- ---- options ----

SELECT is(string_agg((jwt.check(token, secret, issuer => 'issuer 2')).valid::text, ' ' ORDER BY n), 'false true false',
          'a constant holds for every row')
FROM tokens;
SELECT is(string_agg((jwt.check(token, secret, issuer => 'issuer ' || n)).valid::text, ' ' ORDER BY n), 'true true true',
          'what depends on the row is read with each')
FROM tokens;
SELECT is(string_agg((jwt.check(token, secret, algorithms => CASE n WHEN 2 THEN '{HS512}' ELSE '{HS256}' END::text[])).valid::text, ' ' ORDER BY n),
          'true false true', '... of a list as well')
FROM tokens;

-- PL/pgSQL keeps the call itself, and passes it other parameters.
CREATE FUNCTION pg_temp.accepted(token text, key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text := '';
    valid boolean;
    asked text;
BEGIN
    FOREACH asked IN ARRAY '{issuer 1,issuer 2,issuer 1}'::text[] LOOP
        valid := (jwt.check(token, key, issuer => asked)).valid;
        result := concat_ws(' ', result, valid);
    END LOOP;
    RETURN result;
END
$$;
SELECT is(pg_temp.accepted(token, secret), ' t f t', 'a variable is read each time') FROM tokens WHERE n = 1;

SET plan_cache_mode = force_generic_plan;
PREPARE accepted(text) AS SELECT string_agg((jwt.check(token, secret, issuer => $1)).valid::text, ' ' ORDER BY n) AS valid FROM tokens;
EXECUTE accepted('issuer 1') \gset first_
EXECUTE accepted('issuer 3') \gset second_
SELECT is(:'first_valid' || ', ' || :'second_valid', 'true false false, false false true', 'a prepared statement''s parameter too');
RESET plan_cache_mode;

SELECT throws_ok($$ SELECT jwt.verify(token, secret, audience => ARRAY['a', NULL]) FROM tokens $$, '22004', 'audience must not contain nulls',
                 'a constant that is wrong is still refused');
SELECT is((SELECT count(jwt.verify(token, secret, algorithms => '{XX}')) FROM tokens WHERE false), 0::bigint, '... but not where nothing is verified');

SELECT * FROM finish();
