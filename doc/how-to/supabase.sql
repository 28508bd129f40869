-- auth.uid() and its kin on oauth_jwt, for policies written for Supabase.
--
--     psql -v ON_ERROR_STOP=1 -f doc/how-to/supabase.sql
--
-- They replace functions of the same names, and policies that call them need
-- not be touched.  moving-from-supabase.md tells more.

BEGIN;

CREATE SCHEMA IF NOT EXISTS auth;
GRANT USAGE ON SCHEMA auth TO PUBLIC;

-- Plain SQL functions without a SET clause: the planner puts their bodies in
-- their place, so a row costs what the accessor costs.
CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jwt.user_id();

CREATE OR REPLACE FUNCTION auth.role() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jwt.claim('role');

CREATE OR REPLACE FUNCTION auth.email() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jwt.claim('email');

CREATE OR REPLACE FUNCTION auth.jwt() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jwt.claims();

COMMIT;
