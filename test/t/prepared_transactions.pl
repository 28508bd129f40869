# The session's claims and a transaction in two phases: PREPARE TRANSACTION hands
# the connection on to the next user, and whoever commits it later is somebody
# else again.
use strict;
use warnings;
use OauthJwt;
use Test::More;

my $node = OauthJwt::new_node('prepared');
$node->append_conf('postgresql.conf', "max_prepared_transactions = 5\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	SELECT jwt.create_issuer('https://prepared.example');
	CREATE TABLE tokens AS SELECT name, jwt.issue(jsonb_build_object('sub', name)) AS token FROM unnest('{alice,bob}'::text[]) AS name;
	CREATE TABLE notes (owner text DEFAULT jwt.subject());
});
my $session = $node->background_psql('postgres', on_error_stop => 0);
my $who = q{SELECT coalesce(jwt.subject(), 'nobody')};
sub become { return "SELECT jwt.set_session(token, $_[1]) ->> 'sub' FROM tokens WHERE name = '$_[0]'" }

# ---- the session ends with the transaction that is prepared ----

$session->query_safe('BEGIN');
is($session->query_safe(become('alice', 'true')), 'alice', 'a session');
$session->query_safe(q{INSERT INTO notes DEFAULT VALUES; PREPARE TRANSACTION 'alice'});
is($session->query_safe($who), 'nobody', '... is over once its transaction is prepared');
is($session->query_safe(become('bob', 'false')), 'bob', 'the next user');
$session->query_safe(q{COMMIT PREPARED 'alice'});
is($session->query_safe($who), 'bob', '... stays who he is when it is committed');
is($session->query_safe('TABLE notes'), 'alice', '... and it did what it did as who it was');

# ---- a revocation is made or not: it cannot wait half-done for somebody to commit it ----

my $token = $node->safe_psql('postgres', q{SELECT token FROM tokens WHERE name = 'alice'});
my $verdict = "SELECT coalesce(error, 'ok') FROM jwt.check('$token')";
is($session->query_safe($verdict), 'ok', 'a token, whose signature is remembered');
for my $change (q{SELECT jwt.revoke_key(issuer, kid) FROM jwt.keys WHERE state = 'active'}, 'UPDATE jwt.issuers SET enabled = false')
{
	my ($code, $out, $err) = $node->psql('postgres', "BEGIN; $change; PREPARE TRANSACTION 'change'");
	like($err, qr/ERROR:  cannot PREPARE/, "not prepared: $change");
	is($session->query_safe($verdict), 'ok', '... and so not made');
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_prepared_xacts'), 0, 'nothing is left waiting');

$session->quit;
$node->stop;
done_testing();
