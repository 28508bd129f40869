-- Lets a gateway's database role serve requests, and do nothing else.
--
--     psql -v gateway=NAME -f deploy/gateway/gateway.sql
--
-- Run it as the extension's owner; NAME is the login role of the gateway.  That role
-- is trusted to say which issuer is asked and from which address.

\set ON_ERROR_STOP on
\if :{?gateway}
\else
\set gateway oauth_gateway
\endif

BEGIN;

GRANT USAGE ON SCHEMA oauth TO :"gateway";
GRANT EXECUTE ON FUNCTION oauth.serve(text, text, text, text, jsonb, bytea, inet) TO :"gateway";

-- oauth.serve asks for them, whatever the database's default.
ALTER ROLE :"gateway" SET default_transaction_isolation = 'read committed';
ALTER ROLE :"gateway" SET standard_conforming_strings = on;

COMMIT;
