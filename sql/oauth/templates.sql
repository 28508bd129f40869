-- What pages look like, and what they say.  An operator replaces a template of
-- an issuer by a row of oauth.templates.
--
-- {{name}} is replaced by a value, always escaped; {{{part}}} by a part that was
-- rendered here, from escaped values.

CREATE TABLE oauth.templates (
    issuer_id bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    name      text NOT NULL CHECK (name IN ('layout', 'login', 'consent', 'scope', 'error', 'logout', 'logged_out',
                                            'account', 'account_session', 'account_grant', 'form_post', 'form_post_field',
                                            'device', 'device_confirm', 'device_done')),
    body      text NOT NULL,
    PRIMARY KEY (issuer_id, name)
);

COMMENT ON TABLE oauth.templates IS
    'Templates of pages that replace those of oauth.default_template';
REVOKE ALL ON TABLE oauth.templates FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('oauth.templates', '');

CREATE FUNCTION oauth.html_escape(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
RETURN replace(replace(replace(replace(replace(value, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;');

-- A placeholder without a value becomes nothing.
CREATE FUNCTION oauth.render(template text, "values" jsonb, parts jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT string_agg(
        piece[1] || coalesce(parts ->> piece[2], oauth.html_escape("values" ->> piece[3]), ''),
        '' ORDER BY n)
    FROM regexp_matches(template, '(.*?)(?:\{\{\{(\w+)\}\}\}|\{\{(\w+)\}\}(?!\})|$)', 'g') WITH ORDINALITY AS m (piece, n)
);

CREATE FUNCTION oauth.default_template(name text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN CASE name
WHEN 'layout' THEN $html$<!DOCTYPE html>
<html lang="{{locale}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{{title}} · {{display_name}}</title>
<style>{{{style}}}</style>
</head>
<body>
<main>
<header>{{{logo}}}<p>{{display_name}}</p></header>
<h1>{{title}}</h1>
{{{body}}}
</main>
</body>
</html>
$html$
WHEN 'login' THEN $html${{{lead}}}{{{message}}}<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<input type="hidden" name="request" value="{{request}}">
<input type="hidden" name="user_code" value="{{user_code}}">
<label for="username">{{text_username}}</label>
<input id="username" name="username" value="{{username}}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">{{text_password}}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">{{text_login}}</button>
</form>
$html$
WHEN 'consent' THEN $html$<p class="lead">{{{client}}} {{text_asks}}</p>
<ul class="scopes">
{{{scopes}}}</ul>
<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<input type="hidden" name="request" value="{{request}}">
<button type="submit" name="decision" value="approve">{{text_allow}}</button>
<button type="submit" name="decision" value="deny" class="quiet">{{text_deny}}</button>
</form>
<p class="note">{{text_logged_in_as}} <strong>{{username}}</strong>. {{text_consent_note}}</p>
$html$
WHEN 'scope' THEN $html$<li>{{description}}{{{new}}}</li>
$html$
WHEN 'error' THEN $html$<p class="lead">{{description}}</p>
<p class="note">{{text_error_note}} <code>{{error}}</code></p>
$html$
WHEN 'logout' THEN $html$<p class="lead">{{text_logout_question}}</p>
<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<input type="hidden" name="client_id" value="{{client_id}}">
<input type="hidden" name="post_logout_redirect_uri" value="{{uri}}">
<input type="hidden" name="state" value="{{state}}">
<button type="submit" name="decision" value="logout">{{text_logout}}</button>
</form>
$html$
WHEN 'logged_out' THEN $html$<p class="lead">{{text_logged_out}}</p>
$html$
WHEN 'account' THEN $html$<p class="lead">{{text_logged_in_as}} <strong>{{username}}</strong>.</p>
<h2>{{text_sessions}}</h2>
<ul class="rows">
{{{sessions}}}</ul>
<h2>{{text_grants}}</h2>
{{{no_grants}}}<ul class="rows">
{{{grants}}}</ul>
<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<button type="submit" name="end_all" value="yes" class="quiet">{{text_end_all}}</button>
</form>
$html$
WHEN 'account_session' THEN $html$<li><div><strong>{{agent}}</strong>{{{here}}}<br><small>{{remote_addr}} · {{since}}</small></div>
<form method="post" action="{{action}}"><input type="hidden" name="csrf" value="{{csrf}}"><button type="submit" name="end_session" value="{{sid}}" class="small" aria-label="{{text_end}}: {{agent}}">{{text_end}}</button></form></li>
$html$
WHEN 'account_grant' THEN $html$<li><div><strong>{{client_name}}</strong><br><small>{{scopes}} · {{since}}</small></div>
<form method="post" action="{{action}}"><input type="hidden" name="csrf" value="{{csrf}}"><button type="submit" name="revoke_grant" value="{{client_id}}" class="small" aria-label="{{text_revoke}}: {{client_name}}">{{text_revoke}}</button></form></li>
$html$
WHEN 'device' THEN $html${{{message}}}<form method="get" action="{{action}}">
<label for="user_code">{{text_user_code}}</label>
<input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20" required autofocus>
<button type="submit">{{text_continue}}</button>
</form>
$html$
WHEN 'device_confirm' THEN $html$<p class="lead">{{{client}}} {{text_asks}}</p>
<ul class="scopes">
{{{scopes}}}</ul>
<p>{{text_compare_code}} <strong>{{user_code}}</strong></p>
<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<input type="hidden" name="user_code" value="{{user_code}}">
<button type="submit" name="decision" value="approve">{{text_allow}}</button>
<button type="submit" name="decision" value="deny" class="quiet">{{text_deny}}</button>
</form>
$html$
WHEN 'device_done' THEN $html$<p class="lead">{{outcome}}</p>
$html$
WHEN 'form_post' THEN $html$<form method="post" action="{{uri}}" id="answer">
{{{fields}}}<button type="submit">{{text_continue}}</button>
</form>
<script nonce="{{nonce}}">document.getElementById('answer').submit()</script>
$html$
WHEN 'form_post_field' THEN $html$<input type="hidden" name="{{name}}" value="{{value}}">
$html$
END;

CREATE FUNCTION oauth.style() RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN $css$
:root{--bg:#f3f4f7;--card:#fff;--text:#1a1d24;--muted:#5a6272;--line:#d6dae3;--accent:#2450c8;--on-accent:#fff;--bad-bg:#fdecec;--bad:#9b1c1c}
@media (prefers-color-scheme:dark){:root{--bg:#12141a;--card:#1c1f28;--text:#e8eaf0;--muted:#a2a9b8;--line:#363b49;--accent:#8fb0ff;--on-accent:#0d1530;--bad-bg:#3a1d20;--bad:#ffb4b4}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;padding:1rem;background:var(--bg);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{width:100%;max-width:26rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:14px;overflow-wrap:anywhere}
header{display:flex;align-items:center;gap:.6rem;color:var(--muted)}
header img{height:2rem;max-width:8rem}
header p{margin:0;font-weight:600}
h1{margin:.75rem 0 1rem;font-size:1.5rem;line-height:1.25}
h2{margin:1.75rem 0 .5rem;font-size:1.05rem}
.lead{margin:0 0 1rem}
.note,small{color:var(--muted);font-size:.875rem}
.note{margin:1.25rem 0 0}
.message{margin:0 0 1rem;padding:.7rem .9rem;border-radius:8px;background:var(--bad-bg);color:var(--bad)}
label{display:block;margin:.9rem 0 .3rem;font-weight:600}
input:not([type=hidden]){width:100%;padding:.65rem .75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--muted);border-radius:8px}
button{width:100%;margin-top:1.1rem;padding:.7rem 1rem;font:inherit;font-weight:600;cursor:pointer;color:var(--on-accent);background:var(--accent);border:1px solid var(--accent);border-radius:8px}
button.quiet,button.small{color:var(--accent);background:transparent;border-color:var(--line)}
button.quiet{margin-top:.6rem}
button.small{width:auto;margin:0;padding:.35rem .8rem;font-size:.875rem;white-space:nowrap}
button:hover{filter:brightness(1.08)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
ul{margin:0;padding:0;list-style:none}
.scopes li{padding:.55rem 0 .55rem 1.7rem;border-top:1px solid var(--line);position:relative}
.scopes li::before{content:"✓";position:absolute;left:.2rem;color:var(--accent);font-weight:700}
.rows li{display:flex;justify-content:space-between;align-items:center;gap:1rem;padding:.7rem 0;border-top:1px solid var(--line)}
.tag{margin-left:.5rem;padding:.05rem .5rem;border:1px solid var(--line);border-radius:99px;font-size:.75rem;color:var(--muted)}
code{font-size:.875rem}
a{color:var(--accent)}
$css$;

-- What pages say; English where a language has no text of its own.
CREATE FUNCTION oauth.texts(locale text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN '{
    "title_login": "Log in", "title_consent": "Allow access?", "title_error": "That did not work", "title_logout": "Log out?",
    "title_logged_out": "Logged out", "title_account": "Your account", "title_form_post": "One moment",
    "text_username": "User name", "text_password": "Password", "text_login": "Log in", "text_to_continue": "to continue to",
    "text_wrong": "User name or password is wrong.", "text_wait": "Too many attempts. Please wait a minute and try again.",
    "text_expired": "The form has expired. Please try again.",
    "text_asks": "would like to:", "text_allow": "Allow", "text_deny": "Deny", "text_new": "new",
    "text_logged_in_as": "You are logged in as", "text_consent_note": "You can take this back in your account at any time.",
    "text_error_note": "Go back to the application and try again. Error:", "text_logout_question": "Do you want to log out?",
    "text_logout": "Log out", "text_logged_out": "You are logged out. You can close this page.",
    "text_sessions": "Where you are logged in", "text_grants": "Applications with access", "text_no_grants": "None.",
    "text_end": "Log out", "text_here": "this one", "text_revoke": "Remove", "text_end_all": "Log out everywhere",
    "text_continue": "Continue", "text_since": "since",
    "title_device": "Connect a device", "title_device_confirm": "Connect this device?", "title_device_done": "Connect a device",
    "text_user_code": "Code that the device shows", "text_compare_code": "Go on only if the device in front of you shows this code:",
    "text_wrong_code": "No device waits with this code. Please check it.",
    "text_device_approved": "The device is connected. You can close this page.", "text_device_denied": "The device was not connected. You can close this page."
}'::jsonb || CASE split_part(locale, '-', 1) WHEN 'de' THEN '{
    "title_login": "Anmelden", "title_consent": "Zugriff erlauben?", "title_error": "Das hat nicht geklappt", "title_logout": "Abmelden?",
    "title_logged_out": "Abgemeldet", "title_account": "Ihr Konto", "title_form_post": "Einen Moment",
    "text_username": "Benutzername", "text_password": "Passwort", "text_login": "Anmelden", "text_to_continue": "weiter zu",
    "text_wrong": "Benutzername oder Passwort ist falsch.", "text_wait": "Zu viele Versuche. Bitte warten Sie eine Minute und versuchen Sie es dann erneut.",
    "text_expired": "Das Formular ist abgelaufen. Bitte versuchen Sie es erneut.",
    "text_asks": "möchte:", "text_allow": "Erlauben", "text_deny": "Ablehnen", "text_new": "neu",
    "text_logged_in_as": "Sie sind angemeldet als", "text_consent_note": "Sie können das in Ihrem Konto jederzeit zurücknehmen.",
    "text_error_note": "Gehen Sie zur Anwendung zurück und versuchen Sie es erneut. Fehler:", "text_logout_question": "Möchten Sie sich abmelden?",
    "text_logout": "Abmelden", "text_logged_out": "Sie sind abgemeldet und können diese Seite schließen.",
    "text_sessions": "Wo Sie angemeldet sind", "text_grants": "Anwendungen mit Zugriff", "text_no_grants": "Keine.",
    "text_end": "Abmelden", "text_here": "diese hier", "text_revoke": "Entfernen", "text_end_all": "Überall abmelden",
    "text_continue": "Weiter", "text_since": "seit",
    "title_device": "Gerät verbinden", "title_device_confirm": "Dieses Gerät verbinden?", "title_device_done": "Gerät verbinden",
    "text_user_code": "Code, den das Gerät anzeigt", "text_compare_code": "Fahren Sie nur fort, wenn das Gerät vor Ihnen diesen Code anzeigt:",
    "text_wrong_code": "Kein Gerät wartet mit diesem Code. Bitte prüfen Sie ihn.",
    "text_device_approved": "Das Gerät ist verbunden. Sie können diese Seite schließen.", "text_device_denied": "Das Gerät wurde nicht verbunden. Sie können diese Seite schließen."
}'::jsonb ELSE '{}'::jsonb END;

COMMENT ON FUNCTION oauth.html_escape(text) IS
    'Internal: text that HTML shows as it is, in content and in quoted attributes';
COMMENT ON FUNCTION oauth.render(text, jsonb, jsonb) IS
    'Internal: a template with its values escaped and its parts put in';
COMMENT ON FUNCTION oauth.default_template(text) IS
    'The template of a page, to begin one''s own from';
COMMENT ON FUNCTION oauth.style() IS
    'Internal: the style sheet of all pages';
COMMENT ON FUNCTION oauth.texts(text) IS
    'Internal: what pages say in a language';

REVOKE ALL ON FUNCTION oauth.html_escape(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.render(text, jsonb, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.default_template(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.style() FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.texts(text) FROM PUBLIC;
