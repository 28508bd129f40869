\i test/tap.psql
-- doc/reference says of the authorization server what is in the catalog: its
-- public functions with their arguments, defaults and results, its endpoints, and
-- the columns of its tables and views.
\set functions `cat doc/reference/functions-oauth.md`
\set endpoints `cat doc/reference/endpoints.md`
\set tables `cat doc/reference/tables-oauth.md`
\set schema oauth

BEGIN;
SELECT plan(5);
SET LOCAL intervalstyle = postgres;

\i test/reference.psql

SELECT ok(NOT EXISTS (SELECT FROM entry WHERE name IS NULL OR about ->> 'standby' NOT IN ('yes', 'no')), 'every entry has its signature and its table');
SELECT set_eq(
    'SELECT signature FROM documented_signature',
    'SELECT signature FROM function WHERE NOT internal',
    'functions: names, arguments, defaults, results');
SELECT set_eq(
    $$ SELECT name, about ->> 'callable by' AS callable_by, about ->> 'volatility' AS volatility FROM entry $$,
    'SELECT name, callable_by, volatility FROM function WHERE NOT internal',
    'functions: privileges, volatility');

CREATE TEMP TABLE documented AS
SELECT part[1] AS path, string_to_array(part[2], ', ') AS methods, part[3] AS audience
FROM regexp_matches(:'endpoints', '\n\| `(/[^`]*)` \| ([A-Z, ]+) \| (\w+) \|', 'g') AS part;
SELECT set_eq(
    'SELECT path, methods, audience FROM documented',
    $$ SELECT path, methods, CASE kind WHEN 'page' THEN 'people' ELSE 'programs' END FROM oauth.endpoints $$,
    'endpoints: paths, methods, whom they are for');

SELECT set_eq('SELECT * FROM documented_column', 'SELECT * FROM catalog_column', 'tables and views: columns, types, defaults');

SELECT * FROM finish();
ROLLBACK;
