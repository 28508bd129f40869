\i test/tap.psql
-- The whole catalog (DESIGN: schemas): what the extension consists of, who may
-- use it, and how it is guarded.

BEGIN;
SELECT no_plan();

CREATE TEMP VIEW member AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS name
FROM pg_depend AS d
JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
WHERE e.extname = 'oauth_jwt' AND d.deptype = 'e';

CREATE TEMP VIEW routine AS
SELECT p.oid::regprocedure::text AS name, n.nspname AS schema, l.lanname AS language, p.*
FROM member AS m
JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang;

-- ---------------------------------------------------------------------------
-- Members

SELECT set_eq($$ SELECT nspname FROM member JOIN pg_namespace AS n ON classid = 'pg_namespace'::regclass AND objid = n.oid $$,
              ARRAY['jwt', 'oauth', 'oauth_http'], 'three schemas');
SELECT is_empty($$
    SELECT name FROM member
    WHERE classid NOT IN ('pg_namespace'::regclass, 'pg_proc'::regclass, 'pg_class'::regclass, 'pg_type'::regclass) $$,
    'functions, relations and types in them, nothing else');
SELECT is_empty($$
    SELECT pg_describe_object('pg_class'::regclass, c.oid, 0)
    FROM pg_class AS c
    WHERE c.relnamespace IN ('jwt'::regnamespace, 'oauth'::regnamespace, 'oauth_http'::regnamespace)
      AND c.relkind IN ('r', 'v', 'p', 'm', 'f')
      AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_class'::regclass AND objid = c.oid)
    UNION ALL
    SELECT p.oid::regprocedure::text
    FROM pg_proc AS p
    WHERE p.pronamespace IN ('jwt'::regnamespace, 'oauth'::regnamespace, 'oauth_http'::regnamespace)
      AND NOT EXISTS (SELECT FROM routine AS r WHERE r.oid = p.oid) $$,
    'nothing in them that is not the extension''s');
SELECT is_empty($$ SELECT name FROM routine WHERE schema = 'oauth_http' AND proargtypes <> 'bytea'::regtype::oid::text::oidvector $$,
    'oauth_http: adapters of one bytea, none overloaded');
SELECT is_empty($$ SELECT proname FROM routine WHERE schema = 'oauth_http' GROUP BY proname HAVING count(*) > 1 $$, '... and no name twice');

-- ---------------------------------------------------------------------------
-- Privileges

SELECT is_empty($$
    SELECT m.name FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
    WHERE c.relkind IN ('r', 'v') AND (has_table_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                                       OR has_any_column_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')) $$,
    'PUBLIC may do nothing with any table or view');
SELECT is_empty($$
    SELECT m.name FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
    WHERE CASE c.relkind WHEN 'S' THEN has_sequence_privilege('public', c.oid, 'USAGE, SELECT, UPDATE') END $$,
    '... nor with a sequence');
SELECT is_empty($$ SELECT name FROM routine WHERE proacl IS NULL $$, 'every function''s privileges were decided upon');
SELECT is_empty($$ SELECT name FROM routine WHERE schema <> 'jwt' AND has_function_privilege('public', oid, 'EXECUTE') $$,
    'PUBLIC may call nothing of oauth and oauth_http');
SELECT is_empty($$ SELECT nspname FROM pg_namespace WHERE nspname IN ('oauth', 'oauth_http') AND has_schema_privilege('public', oid, 'USAGE, CREATE')
                   UNION ALL SELECT 'jwt' WHERE has_schema_privilege('public', 'jwt', 'CREATE') $$,
    '... nor enter them, nor create in any');
SELECT set_eq($$ SELECT DISTINCT proname::text FROM routine WHERE has_function_privilege('public', oid, 'EXECUTE') $$,
    '{are_signature_algorithms,audience,cache_stats,check,claim,claims,clear_session,client_id,decode,explain,generate_key,has_any_scope,has_role,has_scope,is_public_jwks,issuer,jwe_decrypt,jwe_encrypt,jwks,jws_sign,jws_verify,key_from_pem,key_to_pem,public_key,scopes,set_session,sign,signature_verify,subject,thumbprint,user_id,verify}'::text[],
    'what PUBLIC may call in jwt');
SELECT set_eq($$ SELECT name FROM routine WHERE prosecdef AND schema <> 'oauth_http' $$, ARRAY['jwt.jwks(text)', 'oauth.serve(text,text,text,text,jsonb,bytea,inet)'],
    'SECURITY DEFINER: the published keys, and a gateway''s door');
SELECT is_empty($$ SELECT name FROM routine WHERE schema = 'oauth_http' AND NOT prosecdef $$, '... and the adapters');

-- ---------------------------------------------------------------------------
-- Guards

-- A body in standard SQL (RETURN, BEGIN ATOMIC) was bound to its objects when the
-- extension was made; without a setting it can be inlined.
SELECT is_empty($$
    SELECT name FROM routine
    WHERE (language <> 'c' AND prosqlbody IS NULL OR prosecdef)
      AND NOT coalesce(proconfig @> '{"search_path=pg_catalog, pg_temp"}', false) AND language <> 'c' $$,
    'every function whose names are looked up when it runs has its search_path pinned');
SELECT is_empty($$ SELECT name FROM routine WHERE obj_description(oid, 'pg_proc') IS NULL $$, 'every function has its COMMENT');
SELECT is_empty($$
    SELECT m.name FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
    WHERE c.relkind IN ('r', 'v') AND obj_description(c.oid, 'pg_class') IS NULL $$, '... and every table and view');
SELECT is_empty($$ SELECT name FROM routine WHERE prorettype <> 'trigger'::regtype AND language = 'plpgsql' AND proparallel <> 'u' AND provolatile = 'v' $$,
    'nothing that writes is called safe in a parallel worker');
SELECT is_empty($$
    SELECT conrelid::regclass::text
    FROM pg_constraint AS k JOIN member AS m ON m.classid = 'pg_class'::regclass AND m.objid = k.conrelid
    WHERE k.contype = 'p' AND k.connamespace = 'oauth'::regnamespace
      AND (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) <> 'issuer_id'
      AND k.conrelid NOT IN ('oauth.endpoints'::regclass, 'oauth.grant_types'::regclass) $$,
    'every primary key of oauth begins with issuer_id, but for what the extension''s script alone writes');
SELECT is_empty($$ SELECT conrelid::regclass::text FROM pg_constraint WHERE condeferrable AND connamespace IN ('oauth'::regnamespace, 'jwt'::regnamespace) $$,
    'no constraint is deferred to a commit that has been answered already');
SELECT is_empty($$
    SELECT path FROM oauth.endpoints AS e
    WHERE to_regprocedure('oauth.' || e.function || '(oauth.request, oauth.issuers, jsonb)') IS NULL
       OR NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'oauth_http'::regnamespace AND prosrc ~ ('''' || replace(e.path, '.', '\.') || '''')) $$,
    'every endpoint has its function and its adapter');
SELECT set_eq('SELECT function::text FROM oauth.grant_types',
    $$ SELECT name FROM (SELECT proname::text FROM pg_proc
       WHERE pronamespace = 'oauth'::regnamespace AND prorettype = 'oauth.response'::regtype AND proname ~ '^grant_') AS p (name) $$,
    'every grant type has its function, every function of one its row');

SELECT * FROM finish();
ROLLBACK;
