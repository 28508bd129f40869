\i test/tap.psql
-- doc/reference says of the authorization server what is in the catalog: its
-- public functions with their arguments, defaults and results, its endpoints, and
-- the columns of its tables and views.
\set functions `cat doc/reference/functions-oauth.md`
\set endpoints `cat doc/reference/endpoints.md`
\set tables `cat doc/reference/tables-oauth.md`

BEGIN;
SELECT plan(5);
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

CREATE TEMP TABLE documented_column AS
SELECT tab.name[1] AS "table", col[1] AS "column", col[2]::regtype AS type, nullif(trim(col[3], ' `'), '') AS "default"
FROM regexp_split_to_table(:'tables', '\n## ') AS section,
     regexp_match(section, '^(oauth\.\w+)\n') AS tab (name),
     LATERAL regexp_matches(section, '\n\| `(\w+)` \| `([a-z\[\]]+)` \| ([^|]*)\|', 'g') AS col
WHERE tab.name IS NOT NULL;
SELECT set_eq(
    $$ SELECT "table", "column", type,
              CASE WHEN type = 'interval'::regtype THEN "default"::interval::text ELSE "default" END
       FROM documented_column $$,
    $$ SELECT attrelid::regclass::text, attname::text, atttypid::regtype,
              regexp_replace(pg_get_expr(d.adbin, d.adrelid), '^''(.*)''::.*$', '\1')
       FROM pg_attribute AS a
       LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       WHERE a.attnum > 0 AND NOT a.attisdropped
         AND a.attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'oauth'::regnamespace AND relkind IN ('r', 'v')) $$,
    'tables and views: columns, types, defaults');

SELECT * FROM finish();
ROLLBACK;
