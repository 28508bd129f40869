-- One for each endpoint, all alike.  PostgREST hands a single unnamed bytea argument
-- the body as it came; a named one, or an overload, would not do.
--
-- PL/pgSQL, which keeps its plans from one request to the next.  SECURITY DEFINER
-- because the HTTP role may read no table and call nothing in schema oauth: these
-- functions are all it has, and only whom oauth.grant_http names may call them.

CREATE FUNCTION oauth_http.authorize(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/authorize', $1); END $$;

CREATE FUNCTION oauth_http.login(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/login', $1); END $$;

CREATE FUNCTION oauth_http.consent(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/consent', $1); END $$;

CREATE FUNCTION oauth_http.logout(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/logout', $1); END $$;

CREATE FUNCTION oauth_http.account(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/account', $1); END $$;

CREATE FUNCTION oauth_http.token(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/token', $1); END $$;

CREATE FUNCTION oauth_http.revoke(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/revoke', $1); END $$;

CREATE FUNCTION oauth_http.introspect(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/introspect', $1); END $$;

CREATE FUNCTION oauth_http.userinfo(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/userinfo', $1); END $$;

CREATE FUNCTION oauth_http.device_authorization(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/device_authorization', $1); END $$;

CREATE FUNCTION oauth_http.device(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/device', $1); END $$;

CREATE FUNCTION oauth_http.jwks(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/.well-known/jwks.json', $1); END $$;

CREATE FUNCTION oauth_http.openid_configuration(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/.well-known/openid-configuration', $1); END $$;

CREATE FUNCTION oauth_http.oauth_authorization_server(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/.well-known/oauth-authorization-server', $1); END $$;

CREATE FUNCTION oauth_http.oauth_protected_resource(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/.well-known/oauth-protected-resource', $1); END $$;

CREATE FUNCTION oauth_http.health(bytea) RETURNS oauth_http."*/*"
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN oauth.serve_http('/health', $1); END $$;

COMMENT ON FUNCTION oauth_http.authorize(bytea) IS '/authorize';
COMMENT ON FUNCTION oauth_http.login(bytea) IS '/login';
COMMENT ON FUNCTION oauth_http.consent(bytea) IS '/consent';
COMMENT ON FUNCTION oauth_http.logout(bytea) IS '/logout';
COMMENT ON FUNCTION oauth_http.account(bytea) IS '/account';
COMMENT ON FUNCTION oauth_http.token(bytea) IS '/token';
COMMENT ON FUNCTION oauth_http.revoke(bytea) IS '/revoke';
COMMENT ON FUNCTION oauth_http.introspect(bytea) IS '/introspect';
COMMENT ON FUNCTION oauth_http.userinfo(bytea) IS '/userinfo';
COMMENT ON FUNCTION oauth_http.device_authorization(bytea) IS '/device_authorization';
COMMENT ON FUNCTION oauth_http.device(bytea) IS '/device';
COMMENT ON FUNCTION oauth_http.jwks(bytea) IS '/.well-known/jwks.json';
COMMENT ON FUNCTION oauth_http.openid_configuration(bytea) IS '/.well-known/openid-configuration';
COMMENT ON FUNCTION oauth_http.oauth_authorization_server(bytea) IS '/.well-known/oauth-authorization-server';
COMMENT ON FUNCTION oauth_http.oauth_protected_resource(bytea) IS '/.well-known/oauth-protected-resource';
COMMENT ON FUNCTION oauth_http.health(bytea) IS '/health';

REVOKE ALL ON FUNCTION oauth_http.authorize(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.login(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.consent(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.logout(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.account(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.token(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.revoke(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.introspect(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.userinfo(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.device_authorization(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.device(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.jwks(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.openid_configuration(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.oauth_authorization_server(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.oauth_protected_resource(bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth_http.health(bytea) FROM PUBLIC;

-- The role in whose name PostgREST serves requests gets these functions, and
-- nothing else of the authorization server.
CREATE FUNCTION oauth.grant_http(role regrole) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA oauth_http TO %s', role);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth_http TO %s', role);
    NOTIFY pgrst, 'reload schema';      -- or PostgREST does not find them
END
$$;

CREATE FUNCTION oauth.revoke_http(role regrole) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON SCHEMA oauth_http FROM %s', role);
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA oauth_http FROM %s', role);
    NOTIFY pgrst, 'reload schema';
END
$$;

COMMENT ON FUNCTION oauth.grant_http(regrole) IS
    'Let the role that PostgREST serves as call the endpoints, and nothing else';
COMMENT ON FUNCTION oauth.revoke_http(regrole) IS
    'Take back what oauth.grant_http gave';

REVOKE ALL ON FUNCTION oauth.grant_http(regrole) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.revoke_http(regrole) FROM PUBLIC;
