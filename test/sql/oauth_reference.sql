\i test/tap.psql
-- doc/reference says of the authorization server what is in the catalog: its
-- public functions with their arguments, defaults and results, and its endpoints.
\set functions `cat doc/reference/functions-oauth.md`
\set endpoints `cat doc/reference/endpoints.md`

BEGIN;
SELECT plan(4);
SET LOCAL intervalstyle = postgres;

CREATE TEMP TABLE entry AS
SELECT part[1] AS name, part[2] AS signature, part[3] AS volatility
FROM regexp_split_to_table(:'functions', '\n#+ (?=oauth\.)') AS section,
     regexp_match(section,
         '^oauth\.(\w+)\n\n```\n([^`]*)\n```\n\n\| callable by \|[^\n]*\n[^\n]*\n'
         '\| owner \| (\w+) \| (?:yes|no) \| ?[^\n|]*\|\n') AS part
WHERE section ~ '^oauth\.';

CREATE TEMP TABLE function AS
SELECT p.proname::text AS name,
       format('oauth.%s(%s) → %s', p.proname, coalesce(a.input, ''),
              CASE WHEN a.output IS NULL THEN pg_get_function_result(p.oid)
                   ELSE CASE WHEN p.proretset THEN 'setof ' ELSE '' END || '(' || a.output || ')' END) AS signature,
       CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility
FROM pg_proc AS p,
     LATERAL (
         SELECT string_agg(format('%s %s%s', p.proargnames[arg.n], format_type(arg.type, NULL),
                                  ' DEFAULT ' || regexp_replace(
                                      pg_get_function_arg_default(p.oid, arg.n::int), '::[a-z\[\] ]+$', '')),
                           ', ' ORDER BY arg.n) FILTER (WHERE arg.mode IN ('i', 'b')) AS input,
                string_agg(format('%s %s', p.proargnames[arg.n], format_type(arg.type, NULL)),
                           ', ' ORDER BY arg.n) FILTER (WHERE arg.mode IN ('o', 'b')) AS output
         FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]),
                     coalesce(p.proargmodes, array_fill('i'::"char", ARRAY[p.pronargs])))
              WITH ORDINALITY AS arg (type, mode, n)
     ) AS a
WHERE p.pronamespace = 'oauth'::regnamespace
  AND obj_description(p.oid, 'pg_proc') !~ '^Internal: ';

SELECT ok(NOT EXISTS (SELECT FROM entry WHERE name IS NULL), 'every entry has its signature and its table');
SELECT set_eq(
    $$ SELECT regexp_replace(signature, '\s+', ' ', 'g') FROM entry $$,
    'SELECT signature FROM function',
    'functions: names, arguments, defaults, results');
SELECT set_eq('SELECT name, volatility FROM entry', 'SELECT name, volatility FROM function', 'functions: volatility');

CREATE TEMP TABLE documented AS
SELECT part[1] AS path, string_to_array(part[2], ', ') AS methods, part[3] AS audience
FROM regexp_matches(:'endpoints', '\n\| `(/[^`]*)` \| ([A-Z, ]+) \| (\w+) \|', 'g') AS part;
SELECT set_eq(
    'SELECT path, methods, audience FROM documented',
    $$ SELECT path, methods, CASE kind WHEN 'page' THEN 'people' ELSE 'programs' END FROM oauth.endpoints $$,
    'endpoints: paths, methods, whom they are for');

SELECT * FROM finish();
ROLLBACK;
