-- Everything that is insecure or forgotten, with its remedy.  A healthy server
-- has no rows.
--
-- A remedy can be pasted into psql as it is: what no statement mends is a comment.

CREATE FUNCTION oauth.health(OUT severity text, OUT finding text, OUT remedy text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'critical', format('issuer %s is served over http', i.issuer),
           '-- Serve it over https, by an issuer of that URL: tokens and passwords cross the network in the clear.'
    FROM oauth.issuers AS i
    WHERE i.enabled AND i.issuer !~ '^https://' AND i.issuer !~ '^http://(localhost|127\.0\.0\.1|\[::1\])([:/]|$)'

    UNION ALL
    SELECT 'critical', 'private keys are stored in the clear',
           'SELECT jwt.reseal_keys();  -- once oauth_jwt.master_key_file names a key (doc/how-to/master-key.md)'
    WHERE EXISTS (SELECT FROM jwt.keys AS k WHERE k.private_jwk ^@ '{')

    UNION ALL
    SELECT 'critical', format('%s is %s: statements are logged with their parameters, tokens and secrets among them', s.name, s.setting),
           'ALTER SYSTEM SET log_parameter_max_length = 0; SELECT pg_reload_conf();'
    FROM pg_settings AS s
    WHERE (s.name = 'log_min_duration_statement' AND s.setting <> '-1'
           OR s.name = 'log_min_duration_sample' AND s.setting <> '-1'
           OR s.name = 'log_statement' AND s.setting IN ('all', 'mod'))
      AND current_setting('log_parameter_max_length') <> '0'

    UNION ALL
    SELECT 'critical', 'log_parameter_max_length_on_error is not 0: failing statements are logged with their parameters',
           'ALTER SYSTEM SET log_parameter_max_length_on_error = 0; SELECT pg_reload_conf();'
    WHERE current_setting('log_parameter_max_length_on_error') <> '0'

    UNION ALL
    SELECT 'warning', format('client %s (%s) may use the %s grant', c.client_name, c.client_id, g.name),
           format('UPDATE oauth.clients SET grant_types = array_remove(grant_types, %L) WHERE issuer_id = %s AND client_id = %L;'
                  '  -- once it uses authorization_code with PKCE (RFC 9700 2.1.2, 2.4)', g.name, c.issuer_id, c.client_id)
    FROM oauth.clients AS c, unnest(c.grant_types) AS g (name)
    WHERE c.enabled AND g.name IN ('implicit', 'password')

    UNION ALL
    SELECT 'warning', format('issuer %s does not require PKCE of confidential clients', i.issuer),
           format('UPDATE oauth.issuers SET require_pkce = true WHERE issuer = %L;  -- RFC 9700 2.1.1', i.issuer)
    FROM oauth.issuers AS i
    WHERE i.enabled AND NOT i.require_pkce

    UNION ALL
    SELECT 'warning', format('client %s (%s) has no secret that is good', c.client_name, c.client_id),
           format('SELECT oauth.rotate_client_secret(%L, issuer => %L);  -- or, when nobody uses it, oauth.disable_client',
                  c.client_id, i.issuer)
    FROM oauth.clients AS c
    JOIN oauth.issuers AS i USING (issuer_id)
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
           format('SELECT oauth.rotate_client_secret(%L, issuer => %L);', c.client_id, i.issuer)
    FROM oauth.clients AS c
    JOIN oauth.issuers AS i USING (issuer_id)
    JOIN oauth.client_secrets AS s USING (issuer_id, client_id)
    WHERE c.enabled AND s.expires_at BETWEEN now() AND now() + interval '7 days'
      AND NOT EXISTS (
          SELECT
          FROM oauth.client_secrets AS o
          WHERE o.issuer_id = c.issuer_id AND o.client_id = c.client_id AND o.slot <> s.slot
            AND (o.expires_at IS NULL OR o.expires_at > s.expires_at))

    UNION ALL
    SELECT 'critical', format('issuer %s has no active signing key, and so issues nothing', i.issuer),
           format('SELECT jwt.rotate_key(%L, ''ES256'');', i.issuer)
    FROM oauth.issuers AS i
    WHERE i.enabled
      AND NOT EXISTS (SELECT FROM jwt.keys AS k WHERE k.issuer = i.issuer AND k.state = 'active')

    UNION ALL
    SELECT 'warning', format('the signing key of issuer %s is more than 90 days old', k.issuer),
           format('SELECT jwt.rotate_key(%L, %L);  -- regularly, by pg_cron or a systemd timer', k.issuer, k.algorithm)
    FROM jwt.keys AS k
    JOIN oauth.issuers AS i USING (issuer)
    WHERE i.enabled AND k.state = 'active' AND k.activated_at < now() - interval '90 days'

    UNION ALL
    SELECT 'warning', 'expired rows wait to be purged for more than a day',
           'SELECT oauth.purge();  -- every few minutes, by pg_cron or a systemd timer'
    WHERE EXISTS (SELECT FROM oauth.token_families AS f WHERE f.expires_at < now() - interval '1 day')
       OR EXISTS (SELECT FROM oauth.access_tokens AS t WHERE t.expires_at < now() - interval '1 day')
       OR EXISTS (SELECT FROM oauth.revocations AS r WHERE r.expires_at < now() - interval '1 day');
END;

COMMENT ON FUNCTION oauth.health() IS
    'What is insecure or misconfigured, each with its remedy; no rows: healthy';

REVOKE ALL ON FUNCTION oauth.health() FROM PUBLIC;
