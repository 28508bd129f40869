-- For load balancers and monitors: is the issuer able to issue?  What is
-- insecure or forgotten is nobody's business but the administrator's: oauth.health().

CREATE FUNCTION oauth.serve_health(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF pg_is_in_recovery()
       OR NOT EXISTS (SELECT FROM jwt.keys AS k WHERE k.issuer = serve_health.issuer.issuer AND k.state = 'active')
    THEN
        RETURN oauth.error_response('temporarily_unavailable', 'No tokens can be issued here now.', 503);
    END IF;
    RETURN oauth.json_response('{"status": "pass"}');
END
$$;

INSERT INTO oauth.endpoints VALUES ('/health', '{GET,HEAD}', 'api', 'serve_health');

COMMENT ON FUNCTION oauth.serve_health(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /health, for load balancers';

REVOKE ALL ON FUNCTION oauth.serve_health(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
