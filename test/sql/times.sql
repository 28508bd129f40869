\i test/tap.psql
-- exp, nbf, iat and max_age: exact to the microsecond, against the start of the
-- statement, and numbers or nothing.
BEGIN;
\i test/forge.psql
SELECT no_plan();

-- A token with one time, so far from the statement's start.
CREATE FUNCTION token_at(claim text, distance interval) RETURNS text LANGUAGE sql STABLE
RETURN token(format('{%s:%s}', to_json(claim), extract(epoch FROM statement_timestamp()) + extract(epoch FROM distance)));

CREATE FUNCTION verdict(token text, options text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal(format('SELECT jwt.verify(%L, secret() %s)', token, options))).code, 'ok')
$$;

-- ---------------------------------------------------------------------------
-- The bounds: RFC 7519 4.1.4 has exp after now, 4.1.5 nbf not after it

SELECT is(verdict(token_at(claim, distance::interval), options), expected, format('%s %s %s', claim, distance, options))
FROM (VALUES
    ('exp', '0.000001', '', 'ok'),
    ('exp', '0', '', 'JW010'),
    ('exp', '-1 day', '', 'JW010'),
    ('exp', '1 day', '', 'ok'),
    ('nbf', '0', '', 'ok'),
    ('nbf', '0.000001', '', 'JW011'),
    ('nbf', '-1 day', '', 'ok'),
    ('nbf', '1 day', '', 'JW011'),
    ('iat', '0', '', 'ok'),
    ('iat', '0.000001', '', 'JW012'),
    ('iat', '-1000 days', '', 'ok'),
    ('iat', '1 day', '', 'JW012'),
    ('exp', '-9.999999', ', leeway => ''10s''', 'ok'),
    ('exp', '-10', ', leeway => ''10s''', 'JW010'),
    ('nbf', '10', ', leeway => ''10s''', 'ok'),
    ('nbf', '10.000001', ', leeway => ''10s''', 'JW011'),
    ('iat', '10', ', leeway => ''10s''', 'ok'),
    ('iat', '10.000001', ', leeway => ''10s''', 'JW012'),
    ('exp', '-1', ', leeway => ''0''', 'JW010'),
    ('exp', '-1', ', leeway => NULL', 'JW010'),
    ('exp', '-20 days', ', leeway => ''1 month''', 'ok'),
    ('iat', '-60', ', max_age => ''60s''', 'ok'),
    ('iat', '-60.000001', ', max_age => ''60s''', 'JW013'),
    ('iat', '0', ', max_age => ''0''', 'ok'),
    ('iat', '-0.000001', ', max_age => ''0''', 'JW013'),
    ('iat', '-70', ', max_age => ''60s'', leeway => ''10s''', 'ok'),
    ('iat', '-70.000001', ', max_age => ''60s'', leeway => ''10s''', 'JW013'),
    ('iat', '-70', ', max_age => NULL', 'ok'),
    ('exp', '60', ', max_age => ''60s''', 'JW019')
) AS t(claim, distance, options, expected);

-- The setting is the leeway of those who name none
SET LOCAL oauth_jwt.leeway = '10s';
SELECT is(verdict(token_at('exp', '-9'), options), expected, 'oauth_jwt.leeway = 10s, ' || what)
FROM (VALUES ('', 'ok', 'no leeway'), (', leeway => NULL', 'ok', 'leeway null'), (', leeway => ''0''', 'JW010', 'leeway 0')) AS t(options, expected, what);
SELECT is(verdict(token_at('exp', '-10')), 'JW010', 'oauth_jwt.leeway = 10s, and not more');
RESET oauth_jwt.leeway;

-- 593067 years are more microseconds than 64 bits hold, and look like 137 days
SELECT is((refusal(format('SELECT jwt.verify(%L, secret() %s)', token('{}'), options))).code, '22023', ltrim(options, ', '))
FROM unnest(ARRAY[', leeway => ''-1 second''', ', leeway => ''102 years''', ', leeway => ''593067 years''',
    ', max_age => ''-1 second''', ', max_age => ''102 years''', ', max_age => ''1 day -25 hours''']) AS options;

-- ---------------------------------------------------------------------------
-- Numbers, however they are written, and nothing else

SELECT is(verdict(token(format('{%s:%s}', to_json(claim), value))), expected, format('%s %s', claim, value))
FROM unnest(ARRAY['exp', 'nbf', 'iat']) AS claim,
    (VALUES
        ('"9999999999"', 'JW020'), ('""', 'JW020'), ('true', 'JW020'), ('false', 'JW020'), ('{}', 'JW020'),
        ('[9999999999]', 'JW020'), ('null', 'JW020'),
        ('1e26', 'JW020'), ('1e400', 'JW020'), ('253402300800', 'JW020'), ('253402300799.000001', 'JW020'),
        ('NaN', 'JW001'), ('Infinity', 'JW001'), ('0x7fffffff', 'JW001'), ('01', 'JW001'), ('.5', 'JW001'),
        ('1e999999', 'JW001'), ('-1e999999', 'JW001')
    ) AS t(value, expected);
SELECT is(verdict(token(format('{"exp":%s}', value))), expected, format('exp %s', value))
FROM (VALUES
    ('253402300799', 'ok'), ('9999999999.5', 'ok'), ('9.9999999995e9', 'ok'), ('99999999995E-1', 'ok'),
    ('-1', 'JW010'), ('-0', 'JW010'), ('0', 'JW010'), ('0.5', 'JW010'), ('1e-400', 'JW010'), ('-1e400', 'JW010'),
    ('-9223372036854775809', 'JW010'), ('1', 'JW010')
) AS t(value, expected);
SELECT is(verdict(token(format('{%s:%s}', to_json(claim), value))), expected, format('%s %s', claim, value))
FROM unnest(ARRAY['nbf', 'iat']) AS claim,
    (VALUES ('-1', 'ok'), ('-1e400', 'ok'), ('0', 'ok'), ('1e-400', 'ok'), ('1.5e3', 'ok')) AS t(value, expected);
SELECT is(verdict(token('{"nbf":253402300799}')), 'JW011', 'nbf at the end of the year 9999');
SELECT is(verdict(token('{"iat":253402300799}')), 'JW012', 'iat at the end of the year 9999');

-- No time at all is no limit, unless it is asked for
SELECT is(verdict(token('{}')), 'ok', 'no exp');
SELECT is(verdict(token('{}'), ', required_claims => ''{exp}'''), 'JW019', 'no exp, though it is required');

-- All of them are looked at
SELECT is(verdict(token(format('{"exp":%s,"nbf":%s,"iat":%s}', at(exp::interval), at(nbf::interval), at(iat::interval)))), expected,
    format('exp %s, nbf %s, iat %s', exp, nbf, iat))
FROM (VALUES
    ('1h', '-1h', '-1h', 'ok'),
    ('-1h', '-2h', '-2h', 'JW010'),
    ('2h', '1h', '-1h', 'JW011'),
    ('2h', '-1h', '1h', 'JW012')
) AS t(exp, nbf, iat, expected);

-- ---------------------------------------------------------------------------
-- What a person reads

SELECT matches((refusal(format('SELECT jwt.verify(%L, secret())', token_at(claim, distance::interval)))).detail, pattern, pattern)
FROM (VALUES
    ('exp', '-3 minutes -1 second', '^It expired at .*, 3 minutes ago\.$'),
    ('exp', '-1 day -1 second', '^It expired at .*, 1 day ago\.$'),
    ('nbf', '2 hours 1 minute', '^Valid from .*, in 2 hours\.$'),
    ('iat', '5 seconds', '^Issued at .*, in [45] seconds\.$')
) AS t(claim, distance, pattern);
SELECT is((refusal(format('SELECT jwt.verify(%L, secret())', token('{"exp":-5}')))).detail, 'It expired at before 1970.', 'before 1970');
SELECT is((refusal(format('SELECT jwt.verify(%L, secret())', token('{"exp":"x"}')))).detail, 'exp is not a number.', 'not a number');

-- ---------------------------------------------------------------------------
-- The statement's start: not the transaction's, and not the clock's.

CREATE TEMPORARY TABLE short ON COMMIT DROP AS
SELECT extract(epoch FROM statement_timestamp()) + 0.3 AS exp, token_at('exp', '0.3') AS expiring, token_at('nbf', '0.3') AS beginning;

SELECT pg_sleep(0.4) \g /dev/null
SELECT ok(extract(epoch FROM now()) < exp, 'by the transaction''s start it has not expired') FROM short;
SELECT is(verdict(expiring), 'JW010', 'by the statement''s start it has') FROM short;
SELECT is(verdict(beginning), 'ok', 'and what was not yet valid when the transaction began, is') FROM short;
SELECT is(verdict(token_at('exp', '0.1')), 'ok', 'what expires while a statement runs, holds to its end') FROM pg_sleep(0.2);
SELECT is(verdict(token_at('nbf', '0.1')), 'JW011', 'what begins while a statement runs, does not begin before its end') FROM pg_sleep(0.2);
SELECT is((jwt.decode(jwt.sign('{}', secret(), expires_in => '1h'))).payload ->> 'iat', floor(extract(epoch FROM statement_timestamp()))::text,
    'what is signed bears the statement''s start') FROM pg_sleep(1.1);

-- A remembered token expires like any other
CREATE TEMPORARY TABLE again ON COMMIT DROP AS
SELECT t.token, verdict(t.token) AS first, verdict(t.token) AS second FROM (SELECT token_at('exp', '0.2') || '' AS token) AS t;
SELECT is(ARRAY[first, second], '{ok,ok}', 'remembered') FROM again;
SELECT pg_sleep(0.3) \g /dev/null
SELECT is(verdict(token), 'JW010', 'remembered, and expired since') FROM again;

SELECT finish();
ROLLBACK;
