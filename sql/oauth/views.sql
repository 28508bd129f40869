-- What administrators look at: what is active, what was granted, what happened.

CREATE VIEW oauth.active_sessions AS
SELECT i.issuer, u.username, s.subject, s.sid, s.auth_time, s.last_seen_at, s.expires_at, s.remote_addr, s.user_agent
FROM oauth.login_sessions AS s
JOIN oauth.issuers AS i USING (issuer_id)
JOIN oauth.users AS u USING (issuer_id, subject)
WHERE s.ended_at IS NULL
  AND s.expires_at > now()
  AND s.last_seen_at + i.session_idle_lifetime > now();

CREATE VIEW oauth.active_tokens AS
SELECT i.issuer, c.client_name, f.client_id, u.username, f.subject, f.family_id, f.scopes, f.resources, f.created_at,
       f.expires_at, r.generation AS refreshes, r.created_at AS refreshed_at
FROM oauth.token_families AS f
JOIN oauth.issuers AS i USING (issuer_id)
JOIN oauth.clients AS c USING (issuer_id, client_id)
JOIN oauth.users AS u USING (issuer_id, subject)
LEFT JOIN LATERAL (
    -- the last: within refresh_token_grace there may be several
    SELECT t.generation, t.created_at
    FROM oauth.refresh_tokens AS t
    WHERE t.issuer_id = f.issuer_id AND t.family_id = f.family_id AND t.consumed_at IS NULL
    ORDER BY t.generation DESC, t.created_at DESC
    LIMIT 1
) AS r ON true
WHERE f.revoked_at IS NULL
  AND f.expires_at > now();

CREATE VIEW oauth.standing_grants AS
SELECT i.issuer, u.username, g.subject, c.client_name, g.client_id, g.scopes, g.resources, g.created_at
FROM oauth.grants AS g
JOIN oauth.issuers AS i USING (issuer_id)
JOIN oauth.clients AS c USING (issuer_id, client_id)
JOIN oauth.users AS u USING (issuer_id, subject)
WHERE g.revoked_at IS NULL;

CREATE VIEW oauth.history AS
SELECT a.at, i.issuer, a.event, a.client_id, c.client_name, a.subject, u.username, a.remote_addr, a.detail
FROM oauth.audit AS a
LEFT JOIN oauth.issuers AS i USING (issuer_id)
LEFT JOIN oauth.clients AS c USING (issuer_id, client_id)
LEFT JOIN oauth.users AS u USING (issuer_id, subject);

COMMENT ON VIEW oauth.active_sessions IS
    'Users that are logged in';
COMMENT ON VIEW oauth.active_tokens IS
    'Authorizations whose tokens stand';
COMMENT ON VIEW oauth.standing_grants IS
    'What users allow clients';
COMMENT ON VIEW oauth.history IS
    'The audit trail with names';

REVOKE ALL ON TABLE oauth.active_sessions, oauth.active_tokens, oauth.standing_grants, oauth.history FROM PUBLIC;
