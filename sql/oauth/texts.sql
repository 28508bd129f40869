-- What pages say.  English and German are here; other languages, and other words,
-- are rows of oauth.page_texts.

CREATE TABLE oauth.page_texts (
    issuer_id bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    locale    text NOT NULL CHECK (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]+)*$'),
    key       text NOT NULL,
    text      text NOT NULL,
    PRIMARY KEY (issuer_id, locale, key)
);

COMMENT ON TABLE oauth.page_texts IS
    'Texts of pages that replace those of oauth.texts, or add a language';
COMMENT ON COLUMN oauth.page_texts.key IS
    'A member of oauth.texts(locale); for the description of a scope or an error, that description';
REVOKE ALL ON TABLE oauth.page_texts FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('oauth.page_texts', '');

-- English where a language has no text of its own.
CREATE FUNCTION oauth.texts(locale text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN '{
    "title_login": "Log in", "title_consent": "Allow access?", "title_error": "That did not work", "title_logout": "Log out?",
    "title_logged_out": "Logged out", "title_account": "Your account", "title_form_post": "One moment",
    "text_username": "User name", "text_password": "Password", "text_login": "Log in", "text_to_continue": "to continue to",
    "text_wrong": "User name or password is wrong.", "text_wait": "Too many attempts. Please wait a minute and try again.",
    "text_expired": "The form has expired, or your browser keeps no cookies. Please try again.",
    "text_or": "or", "text_login_with": "Log in with", "text_not_known_here": "There is no account here for this log-in.", "text_provider_failed": "The log-in elsewhere did not succeed. Please try again.",
    "text_other_login": "The application asks for another kind of log-in than the one you have.",
    "text_asks": "would like to:", "text_resources": "Access to", "text_allow": "Allow", "text_deny": "Deny", "text_new": "new",
    "text_logged_in_as": "You are logged in as", "text_consent_note": "You can take this back in your account at any time.",
    "text_error_note": "Should it happen again, report this error:", "text_logout_question": "Do you want to log out?",
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
    "text_expired": "Das Formular ist abgelaufen, oder Ihr Browser nimmt keine Cookies an. Bitte versuchen Sie es erneut.",
    "text_or": "oder", "text_login_with": "Anmelden mit", "text_not_known_here": "Für diese Anmeldung gibt es hier kein Konto.", "text_provider_failed": "Die Anmeldung beim anderen Anbieter ist nicht gelungen. Bitte versuchen Sie es erneut.",
    "text_other_login": "Die Anwendung verlangt eine andere Art der Anmeldung als die bisherige.",
    "text_asks": "möchte:", "text_resources": "Zugriff auf", "text_allow": "Erlauben", "text_deny": "Ablehnen", "text_new": "neu",
    "text_logged_in_as": "Sie sind angemeldet als", "text_consent_note": "Sie können das in Ihrem Konto jederzeit zurücknehmen.",
    "text_error_note": "Sollte es wieder geschehen, melden Sie diesen Fehler:", "text_logout_question": "Möchten Sie sich abmelden?",
    "text_logout": "Abmelden", "text_logged_out": "Sie sind abgemeldet und können diese Seite schließen.",
    "text_sessions": "Wo Sie angemeldet sind", "text_grants": "Anwendungen mit Zugriff", "text_no_grants": "Keine.",
    "text_end": "Abmelden", "text_here": "diese hier", "text_revoke": "Entfernen", "text_end_all": "Überall abmelden",
    "text_continue": "Weiter", "text_since": "seit",
    "title_device": "Gerät verbinden", "title_device_confirm": "Dieses Gerät verbinden?", "title_device_done": "Gerät verbinden",
    "text_user_code": "Code, den das Gerät anzeigt", "text_compare_code": "Fahren Sie nur fort, wenn das Gerät vor Ihnen diesen Code anzeigt:",
    "text_wrong_code": "Kein Gerät wartet mit diesem Code. Bitte prüfen Sie ihn.",
    "text_device_approved": "Das Gerät ist verbunden. Sie können diese Seite schließen.", "text_device_denied": "Das Gerät wurde nicht verbunden. Sie können diese Seite schließen.",
    "Know who you are": "Wissen, wer Sie sind", "See your name and picture": "Ihren Namen und Ihr Bild sehen",
    "See your e-mail address": "Ihre E-Mail-Adresse sehen", "See your postal address": "Ihre Postanschrift sehen",
    "See your telephone number": "Ihre Telefonnummer sehen", "Stay connected while you are away": "Verbunden bleiben, während Sie abwesend sind",
    "The application is not known here.": "Die Anwendung ist hier nicht bekannt.",
    "The address to return to is not one of the application''s.": "Die Adresse für die Rückkehr gehört nicht zur Anwendung.",
    "The ID token is not one of this application''s.": "Das ID-Token gehört nicht zu dieser Anwendung.",
    "There is nothing to consent to.": "Es gibt nichts zu erlauben.",
    "A parameter is repeated.": "Ein Parameter kommt zweimal vor.",
    "The parameters are not a well-formed form in UTF-8.": "Die Parameter sind kein wohlgeformtes Formular in UTF-8.",
    "The endpoint does not take this method.": "Die Seite kennt diese Methode nicht.",
    "The server met an unexpected condition.": "Auf dem Server ist etwas Unerwartetes geschehen."
}'::jsonb ELSE '{}'::jsonb END;

-- With the issuer's own words.
CREATE FUNCTION oauth.texts(issuer oauth.issuers) RETURNS jsonb
LANGUAGE sql STABLE
RETURN oauth.texts(issuer.ui_locale) || coalesce(
    (SELECT jsonb_object_agg(t.key, t.text)
     FROM oauth.page_texts AS t
     WHERE t.issuer_id = issuer.issuer_id AND t.locale = issuer.ui_locale),
    '{}'
);

COMMENT ON FUNCTION oauth.texts(text) IS
    'What pages say in a language, to begin one''s own from';
COMMENT ON FUNCTION oauth.texts(oauth.issuers) IS
    'Internal: what an issuer''s pages say';

REVOKE ALL ON FUNCTION oauth.texts(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.texts(oauth.issuers) FROM PUBLIC;
