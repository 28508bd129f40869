-- Everything that is insecure or forgotten, with its remedy.  A healthy server
-- has no rows.

CREATE FUNCTION oauth.health(OUT severity text, OUT finding text, OUT remedy text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'critical', format('issuer %s is served over http', i.issuer),
           'Serve it over https: tokens and passwords cross the network in the clear.'
    FROM oauth.issuers AS i
    WHERE i.enabled AND i.issuer !~ '^https://' AND i.issuer !~ '^http://(localhost|127\.0\.0\.1|\[::1\])([:/]|$)'

    UNION ALL
    SELECT 'critical', 'private keys are stored in the clear',
           'Set oauth_jwt.master_key_file and call jwt.reseal_keys().'
    WHERE EXISTS (SELECT FROM jwt.keys AS k WHERE k.private_jwk ^@ '{')

    UNION ALL
    SELECT 'critical', format('%s is %s: statements are logged with their parameters, tokens and secrets among them', s.name, s.setting),
           'Set log_parameter_max_length = 0 and log_parameter_max_length_on_error = 0, or turn the setting off.'
    FROM pg_settings AS s
    WHERE (s.name = 'log_min_duration_statement' AND s.setting <> '-1'
           OR s.name = 'log_min_duration_sample' AND s.setting <> '-1'
           OR s.name = 'log_statement' AND s.setting IN ('all', 'mod'))
      AND current_setting('log_parameter_max_length') <> '0'

    UNION ALL
    SELECT 'critical', 'log_parameter_max_length_on_error is not 0: failing statements are logged with their parameters',
           'Set log_parameter_max_length_on_error = 0.'
    WHERE current_setting('log_parameter_max_length_on_error') <> '0'

    UNION ALL
    SELECT 'warning', format('client %s (%s) may use the %s grant', c.client_name, c.client_id, g.name),
           'Move it to authorization_code with PKCE (RFC 9700 2.1.2, 2.4).'
    FROM oauth.clients AS c, unnest(c.grant_types) AS g (name)
    WHERE c.enabled AND g.name IN ('implicit', 'password')

    UNION ALL
    SELECT 'warning', format('issuer %s does not require PKCE of confidential clients', i.issuer),
           'UPDATE oauth.issuers SET require_pkce = true (RFC 9700 2.1.1).'
    FROM oauth.issuers AS i
    WHERE i.enabled AND NOT i.require_pkce

    UNION ALL
    SELECT 'warning', format('client %s (%s) has no secret that is good', c.client_name, c.client_id),
           'Call oauth.rotate_client_secret, or oauth.disable_client when nobody uses it.'
    FROM oauth.clients AS c
    WHERE c.enabled
      AND c.token_endpoint_auth_method IN ('client_secret_basic', 'client_secret_post')
      AND NOT EXISTS (
          SELECT
          FROM oauth.client_secrets AS s
          WHERE s.issuer_id = c.issuer_id
            AND s.client_id = c.client_id
            AND (s.expires_at IS NULL OR s.expires_at > now()))

    UNION ALL
    SELECT 'warning', format('a secret of client %s (%s) expires within a week', c.client_name, c.client_id),
           'Call oauth.rotate_client_secret.'
    FROM oauth.clients AS c
    JOIN oauth.client_secrets AS s USING (issuer_id, client_id)
    WHERE c.enabled AND s.expires_at BETWEEN now() AND now() + interval '7 days'
      AND NOT EXISTS (
          SELECT
          FROM oauth.client_secrets AS o
          WHERE o.issuer_id = c.issuer_id AND o.client_id = c.client_id AND o.slot <> s.slot
            AND (o.expires_at IS NULL OR o.expires_at > s.expires_at))

    UNION ALL
    SELECT 'warning', format('issuer %s has no active signing key', i.issuer),
           'Call jwt.rotate_key(issuer, algorithm => ''ES256'').'
    FROM oauth.issuers AS i
    WHERE i.enabled
      AND NOT EXISTS (SELECT FROM jwt.keys AS k WHERE k.issuer = i.issuer AND k.state = 'active')

    UNION ALL
    SELECT 'warning', format('the signing key of issuer %s is more than 90 days old', k.issuer),
           'Call jwt.rotate_key regularly.'
    FROM jwt.keys AS k
    JOIN oauth.issuers AS i USING (issuer)
    WHERE i.enabled AND k.state = 'active' AND k.activated_at < now() - interval '90 days'

    UNION ALL
    SELECT 'warning', 'expired rows wait to be purged for more than a day',
           'Call oauth.purge() every few minutes, from pg_cron or a systemd timer.'
    WHERE EXISTS (SELECT FROM oauth.token_families AS f WHERE f.expires_at < now() - interval '1 day')
       OR EXISTS (SELECT FROM oauth.access_tokens AS t WHERE t.expires_at < now() - interval '1 day')
       OR EXISTS (SELECT FROM oauth.revocations AS r WHERE r.expires_at < now() - interval '1 day');
END;

COMMENT ON FUNCTION oauth.health() IS
    'What is insecure or misconfigured, each with its remedy; no rows: healthy';

REVOKE ALL ON FUNCTION oauth.health() FROM PUBLIC;
