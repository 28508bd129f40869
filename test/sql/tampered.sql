\i test/tap.psql
-- Tables that a superuser has altered by force: refused, and no crash; and tables
-- of somebody else's in a schema of the extension's name.
BEGIN;
SELECT no_plan();

SELECT jwt.create_issuer('https://own.example', audience => '{a}') \g /dev/null
SELECT jwt.issue('{"sub": "alice", "aud": "a"}') AS token \gset
ALTER TABLE jwt.keys DISABLE TRIGGER guard;

CREATE FUNCTION pg_temp.tamper(what text, token text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE what;
    RETURN NEXT throws_ok(format('SELECT jwt.check(%L)', token), 'JW053', NULL, 'verify: ' || what);
    RETURN NEXT throws_ok($q$SELECT jwt.issue('{}')$q$, 'JW053', NULL, 'issue: ' || what);
    RETURN NEXT throws_ok($q$SELECT jwt.issue('{}', 'https://own.example')$q$, 'JW053', NULL, 'issue for an issuer: ' || what);
END
$$;

SAVEPOINT whole;
SELECT pg_temp.tamper($$ALTER TABLE jwt.keys ALTER state DROP NOT NULL; UPDATE jwt.keys SET state = NULL$$, :'token');
ROLLBACK TO whole;
SELECT is((SELECT c.claims ->> 'sub' FROM jwt.check(:'token') AS c WHERE c.valid), 'alice', 'undone, all is well');

-- Whoever may create schemas takes the name that became free.
ALTER SCHEMA jwt RENAME TO jwt_old;
CREATE SCHEMA jwt;
CREATE TABLE jwt.issuers (LIKE jwt_old.issuers INCLUDING ALL);
CREATE TABLE jwt.keys (LIKE jwt_old.keys INCLUDING ALL);
INSERT INTO jwt.issuers SELECT * FROM jwt_old.issuers;
INSERT INTO jwt.keys SELECT * FROM jwt_old.keys;
-- so that this session, too, looks for them again
ALTER TABLE jwt_old.issuers ENABLE TRIGGER guard;
SELECT throws_ok(format('SELECT jwt_old.check(%L)', :'token'), '42P01', NULL, 'tables that are not the extension''s are not trusted');
SELECT throws_ok($$SELECT jwt_old.issue('{}', 'https://own.example')$$, '42P01', NULL, '... nor signed with');
DROP SCHEMA jwt CASCADE;
ALTER SCHEMA jwt_old RENAME TO jwt;
SELECT is((SELECT c.claims ->> 'sub' FROM jwt.check(:'token') AS c WHERE c.valid), 'alice', 'with the name back, all is well');

SELECT * FROM finish();
ROLLBACK;
