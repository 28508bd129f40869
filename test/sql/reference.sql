\i test/tap.psql
-- doc/reference says what is in the catalog and in the sources, no less and no
-- more: functions with their arguments, defaults, privileges and volatility;
-- settings; SQLSTATEs and messages; columns; algorithms.
\set functions `cat doc/reference/functions-*.md`
\set settings `cat doc/reference/settings.md`
\set errors `cat doc/reference/errors.md`
\set tables `cat doc/reference/tables.md`
\set algorithms `cat doc/reference/algorithms.md`
\set error_c `cat src/pg/error.c`
\set alg_c `cat src/jose/alg.c`
\set sources `cat src/pg/*.[ch] sql/jwt/*.sql`
\set schema jwt

BEGIN;
SELECT plan(14);
SET LOCAL intervalstyle = postgres;

\i test/reference.psql

-- ---------------------------------------------------------------------------
-- Functions

SELECT ok(NOT EXISTS (SELECT FROM entry WHERE name IS NULL OR about ->> 'standby' NOT IN ('yes', 'no')), 'every entry has its signatures and its table');
SELECT set_eq('SELECT signature FROM documented_signature', 'SELECT signature FROM function', 'functions: names, arguments, defaults, results');
SELECT set_eq(
    $$ SELECT name, about ->> 'callable by' AS callable_by, about ->> 'volatility' AS volatility, about ->> 'parallel' AS parallel FROM entry $$,
    'SELECT name, callable_by, volatility, parallel FROM function',
    'functions: privileges, volatility, parallel safety');
SELECT set_eq(
    $$ SELECT name FROM entry WHERE about ->> 'standby' = 'no' $$,
    $$ SELECT proname::text FROM pg_proc
       WHERE pronamespace = 'jwt'::regnamespace
         AND (prorettype = 'trigger'::regtype OR pg_get_functiondef(oid) ~ '(?n)^ *(INSERT|UPDATE|DELETE) ') $$,
    'functions: those that write do not run on a standby');

-- ---------------------------------------------------------------------------
-- Settings.  The library defines them when it is loaded.

SELECT ok(jwt.subject() IS NULL, 'the library is loaded');
PREPARE documented_settings AS
SELECT part[1] AS name, part[2] AS value, part[3] AS context
FROM regexp_matches(:'settings', '\n\| \[`(oauth_jwt\.\w+)`\]\([^)]*\) \| ([^|]*) \| (\w+) \|', 'g') AS part;
SELECT set_eq(
    'documented_settings',
    $$ SELECT name, CASE boot_val WHEN '' THEN '(empty)' ELSE '`' || boot_val || '`' END,
              CASE context WHEN 'sighup' THEN 'server' ELSE context END
       FROM pg_settings WHERE name LIKE 'oauth\_jwt.%' $$,
    'settings: names, defaults, who sets them');
PREPARE settings_headings AS
SELECT part[1] FROM regexp_matches(:'settings', '\n## (oauth_jwt\.\w+)', 'g') AS part;
SELECT set_eq(
    'settings_headings',
    $$ SELECT name FROM pg_settings WHERE name LIKE 'oauth\_jwt.%'
       UNION SELECT 'oauth_jwt.session' WHERE current_setting('oauth_jwt.session', true) IS NOT NULL $$,
    'settings: each has its section');

-- ---------------------------------------------------------------------------
-- Errors

CREATE TEMP TABLE documented_error AS
SELECT heading[1] AS sqlstate, message[1] AS message
FROM regexp_split_to_table(:'errors', '\n##+ ') AS section,
     regexp_match(section, '^(JW\d{3})\n') AS heading,
     LATERAL regexp_matches(section, '\n\| `([^`]*)` \| ', 'g') AS message
WHERE heading IS NOT NULL;

CREATE TEMP TABLE raised_error AS
SELECT coalesce(name.code[1], trim('"' FROM row[1])) AS sqlstate, row[2] AS message
FROM regexp_matches(:'error_c', '\] = \{("\w+"|\w+), "([^"]*)"', 'g') AS row
LEFT JOIN LATERAL regexp_match(:'error_c', '#define ' || row[1] || '\s+"(\w+)"') AS name (code) ON row[1] !~ '"';

SELECT cmp_ok((SELECT count(*) FROM raised_error WHERE sqlstate ^@ 'JW'), '>', 40::bigint, 'errors are found in the source');
SELECT set_eq(
    'SELECT sqlstate, message FROM documented_error',
    $$ SELECT sqlstate, message FROM raised_error WHERE sqlstate ^@ 'JW' $$,
    'errors: SQLSTATEs and messages');
PREPARE raised_anywhere AS
SELECT DISTINCT part[1] FROM regexp_matches(:'sources', '["'']([J]W\d{3})["'']', 'g') AS part;
SELECT set_eq('SELECT sqlstate FROM documented_error', 'raised_anywhere', 'errors: no other SQLSTATE of class JW is raised');

-- ---------------------------------------------------------------------------
-- Tables

SELECT set_eq('SELECT * FROM documented_column', 'SELECT * FROM catalog_column', 'tables: columns, types, defaults');

-- ---------------------------------------------------------------------------
-- Algorithms: the backquoted names in a table's first column

CREATE TEMP TABLE algorithm AS
SELECT substring(section FROM '^[^\n]*') = 'Signatures' AS signs, name[1] AS name
FROM regexp_split_to_table(:'algorithms', '\n## ') AS section,
     regexp_matches(section, '\n\| (`[^|]*) \|', 'g') AS first_column,
     LATERAL regexp_matches(first_column[1], '`([^`]+)`', 'g') AS name;
PREPARE registered AS
SELECT part[1] FROM regexp_matches(:'alg_c', '\n\t\{"([^"]+)", ', 'g') AS part;
SELECT set_eq('SELECT name FROM algorithm', 'registered', 'algorithms: those of the registry');
SELECT is(
    (SELECT count(*) FILTER (WHERE signs <> jwt.are_signature_algorithms(ARRAY[name])) FROM algorithm), 0::bigint,
    'algorithms: signatures apart from the rest');
SELECT is(
    (SELECT count(*) FILTER (WHERE jwt.generate_key(name) ->> 'alg' = name) FROM algorithm),
    (SELECT count(*) FROM algorithm),
    'algorithms: there is a key for each');

SELECT * FROM finish();
ROLLBACK;
