-- The claims of the session's verified token, for policies.

CREATE FUNCTION jwt.set_session(token text, is_local boolean DEFAULT true) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'jwt_set_session';

CREATE FUNCTION jwt.clear_session() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'jwt_clear_session';

CREATE FUNCTION jwt.claims() RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_claims';

CREATE FUNCTION jwt.claim(name text) RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_claim';

CREATE FUNCTION jwt.subject() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_subject';

CREATE FUNCTION jwt.user_id() RETURNS uuid
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_user_id';

CREATE FUNCTION jwt.issuer() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_issuer';

CREATE FUNCTION jwt.client_id() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_client_id';

CREATE FUNCTION jwt.audience() RETURNS text[]
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_audience';

CREATE FUNCTION jwt.scopes() RETURNS text[]
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_scopes';

CREATE FUNCTION jwt.has_scope(scope text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_has_scope';

CREATE FUNCTION jwt.has_any_scope(scopes text[]) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_has_any_scope';

CREATE FUNCTION jwt.has_role(role text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'jwt_has_role';

COMMENT ON FUNCTION jwt.set_session(text, boolean) IS
    'Verify a token against jwt.issuers and make its claims the session''s, to the transaction''s end or beyond';
COMMENT ON FUNCTION jwt.clear_session() IS
    'End the session: the accessors return NULL, the predicates false';
COMMENT ON FUNCTION jwt.claims() IS
    'All claims of the session''s token';
COMMENT ON FUNCTION jwt.claim(text) IS
    'One top-level claim of the session''s token as text';
COMMENT ON FUNCTION jwt.subject() IS
    'The session''s subject: its sub claim (RFC 7519 4.1.2)';
COMMENT ON FUNCTION jwt.user_id() IS
    'The session''s sub claim as a UUID; an error where it is none';
COMMENT ON FUNCTION jwt.issuer() IS
    'The session''s issuer: its iss claim (RFC 7519 4.1.1)';
COMMENT ON FUNCTION jwt.client_id() IS
    'The session''s client: client_id (RFC 9068 2.2), else azp';
COMMENT ON FUNCTION jwt.audience() IS
    'The session''s audience: its aud claim as a list (RFC 7519 4.1.3)';
COMMENT ON FUNCTION jwt.scopes() IS
    'The session''s scopes: scope (RFC 8693 4.2), else scp';
COMMENT ON FUNCTION jwt.has_scope(text) IS
    'Does the session have this scope?  False without a session';
COMMENT ON FUNCTION jwt.has_any_scope(text[]) IS
    'Does the session have one of these scopes?  False without a session';
COMMENT ON FUNCTION jwt.has_role(text) IS
    'Does the session have this role, in the claim jwt.issuers.roles_claim names?  False without a session';

-- Whoever holds a token may present it, and everybody's policies read the claims.
REVOKE ALL ON FUNCTION jwt.set_session(text, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.clear_session() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.claims() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.claim(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.subject() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.user_id() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.issuer() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.client_id() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.audience() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.scopes() FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.has_scope(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.has_any_scope(text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION jwt.has_role(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.set_session(text, boolean) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.clear_session() TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.claims() TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.claim(text) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.subject() TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.user_id() TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.issuer() TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.client_id() TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.audience() TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.scopes() TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.has_scope(text) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.has_any_scope(text[]) TO PUBLIC;
GRANT EXECUTE ON FUNCTION jwt.has_role(text) TO PUBLIC;
