-- In SQL, with the same secret (psql puts the token in for :'token'):

SELECT jwt.verify(:'token', 'your-secret-key');

-- 15 bytes, where HS256 wants 32 (RFC 7518 3.2): such secrets are found offline, by
-- trying.  The hint says what to do.  Where the other side cannot change:

BEGIN;
SET LOCAL oauth_jwt.allow_short_hmac_keys = on;
SELECT jwt.verify(:'token', 'your-secret-key');
COMMIT;

-- And where it can, the same one-liner in SQL:

\pset tuples_only on
\pset format unaligned
SELECT jwt.sign('{"userId": 123, "role": "admin"}',
                'a secret of 32 random bytes or more', expires_in => '1h');
