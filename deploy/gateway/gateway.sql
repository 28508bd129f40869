-- The gateways' door to oauth.handle: one function, for one role.
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

CREATE SCHEMA IF NOT EXISTS oauth_gateway;
COMMENT ON SCHEMA oauth_gateway IS
    'What a gateway calls instead of PostgREST';

CREATE OR REPLACE FUNCTION oauth_gateway.handle(
    issuer      text,
    method      text,
    path        text,
    query       text,
    headers     jsonb,
    body        bytea,
    remote_addr inet
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN oauth.handle(ROW(issuer, method, path, query, jsonb_strip_nulls(headers), body, remote_addr, NULL)::oauth.request);
END
$$;

COMMENT ON FUNCTION oauth_gateway.handle(text, text, text, text, jsonb, bytea, inet) IS
    'oauth.handle, for a gateway';

-- The gateway alone: it is believed what it says of the client.
REVOKE ALL ON FUNCTION oauth_gateway.handle(text, text, text, text, jsonb, bytea, inet) FROM PUBLIC;
GRANT USAGE ON SCHEMA oauth_gateway TO :"gateway";
GRANT EXECUTE ON FUNCTION oauth_gateway.handle(text, text, text, text, jsonb, bytea, inet) TO :"gateway";

-- oauth.handle asks for it, whatever the database's default.
ALTER ROLE :"gateway" SET default_transaction_isolation = 'read committed';

COMMIT;
