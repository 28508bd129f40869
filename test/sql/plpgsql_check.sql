\i test/tap.psql
-- Every PL/pgSQL function of the extension, as plpgsql_check sees it: names that
-- do not resolve, types that do not fit, SQL made of its input.
LOAD 'plpgsql_check';	-- before any function has run: 2.8 refuses to come later
BEGIN;
SELECT no_plan();

-- A trigger's function is checked for each table it serves.
CREATE TEMP VIEW body AS
SELECT p.oid, p.oid::regprocedure::text AS name, coalesce(t.tgrelid, 0) AS relation
FROM pg_depend AS d
JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'oauth_jwt'
JOIN pg_proc AS p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
LEFT JOIN pg_trigger AS t ON t.tgfoid = p.oid AND NOT t.tgisinternal
WHERE d.deptype = 'e';

SELECT cmp_ok((SELECT count(*) FROM body), '>', 50::bigint, 'there is something to check');
SELECT is_empty($$
    SELECT b.name, c.*
    FROM body AS b,
    plpgsql_check_function(b.oid, b.relation, extra_warnings => false, performance_warnings => false,
        other_warnings => true,
        -- the SQL that oauth.purge makes is of its own list
        security_warnings => b.oid <> 'oauth.purge'::regproc) AS c $$,
    'plpgsql_check has nothing to say');

SELECT * FROM finish();
