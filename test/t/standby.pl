# A hot standby is a resource server like the primary: it verifies, publishes,
# keeps sessions and filters rows.  What the primary revokes is refused there too,
# at the next statement of sessions that have used it already.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = OauthJwt::new_node('primary', allows_streaming => 1);
$primary->start;
$primary->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	SELECT jwt.create_issuer('https://es.example'), jwt.create_issuer('https://hs.example', 'HS256');
	CREATE TABLE notes (owner text, body text);
	INSERT INTO notes VALUES ('alice', 'hers'), ('bob', 'his');
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON notes USING (owner = jwt.subject());
	CREATE ROLE app LOGIN;
	GRANT SELECT ON notes TO app;
});
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

sub on_primary { return $primary->safe_psql('postgres', $_[0]); }
sub on_standby { return $standby->safe_psql('postgres', $_[0]); }

sub refused_on_standby
{
	my ($code, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\n$_[0]");
	return $err =~ /ERROR:\s+(\w+)/ ? $1 : 'no error';
}

sub catch_up
{
	$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
	return;
}

my $token = on_primary(q{SELECT jwt.issue('{"sub": "alice"}', 'https://es.example')});
my $shared = on_primary(q{SELECT jwt.issue('{"sub": "bob"}', 'https://hs.example')});
catch_up();

is(on_standby('SELECT pg_is_in_recovery()'), 't', 'the standby is one');
is(on_standby("SELECT jwt.verify('$token') ->> 'sub'"), 'alice', 'it verifies by a public key');
is(on_standby("SELECT jwt.verify('$shared') ->> 'sub'"), 'bob', 'it verifies by a shared secret');
is(on_standby('SELECT jwt.jwks()'), on_primary('SELECT jwt.jwks()'), 'it publishes the same keys');
is(on_standby("BEGIN; SET LOCAL ROLE app; SELECT jwt.set_session('$token') ->> 'sub'; SELECT body FROM notes; COMMIT; SELECT coalesce(jwt.subject(), 'nobody')"),
	"alice\nhers\nnobody", 'it has sessions, which filter rows, to the end of a transaction');
is(on_standby("SELECT jwt.set_session('$token', false) ->> 'sub'; SET ROLE app; SELECT body FROM notes"),
	"alice\nhers", 'and beyond');
is(on_standby(q{SELECT (jwt.check(jwt.issue('{}', 'https://es.example'))).valid}), 't', 'issuing only reads, so it works');
is(refused_on_standby(q{SELECT jwt.rotate_key('https://es.example')}), '25006', 'rotating does not');

# One session all along: another would have nothing cached.
my $session = $standby->background_psql('postgres', on_error_stop => 0);
my $verdict = sub { return $session->query_safe("SELECT coalesce(error, 'ok') FROM jwt.check('$_[0]')") };

is($verdict->($token), 'ok', 'a session on the standby knows a token');
my $kid = on_primary(q{SELECT kid FROM jwt.keys WHERE issuer = 'https://es.example' AND state = 'active'});
on_primary(q{SELECT jwt.rotate_key('https://es.example')});
catch_up();
is($verdict->($token), 'ok', 'after a rotation on the primary its key is retired and verifies');
my $second = on_primary(q{SELECT jwt.issue('{"sub": "alice"}', 'https://es.example')});
is($verdict->($second), 'ok', 'and the new key verifies, at the next statement');

$session->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM notes');
is($verdict->($token), 'ok', 'in a transaction with a snapshot');
on_primary("SELECT jwt.revoke_key('https://es.example', '$kid')");
catch_up();
is($verdict->($token), 'no key for the token', 'a revocation on the primary counts within it');
is($verdict->($second), 'ok', 'and touches no other key');
$session->query_safe('COMMIT');

on_primary(q{UPDATE jwt.issuers SET enabled = false WHERE issuer = 'https://es.example'});
catch_up();
is($verdict->($second), q{token's issuer is not trusted}, 'an issuer disabled on the primary');
on_primary(q{UPDATE jwt.issuers SET enabled = true WHERE issuer = 'https://es.example'});
catch_up();
is($verdict->($second), 'ok', 'and enabled again');

# What never commits on the primary is nothing on the standby.
on_primary(q{BEGIN; UPDATE jwt.issuers SET enabled = false; ROLLBACK});
catch_up();
is($verdict->($second), 'ok', 'a change rolled back');

$standby->promote;
is($verdict->($second), 'ok', 'promoted, it goes on');
is(on_standby(q{SELECT jwt.rotate_key('https://es.example') IS NOT NULL}), 't', 'and rotates');
is($verdict->($second), 'ok', 'what was active is retired now');
is(on_standby(q{SELECT (jwt.check(jwt.issue('{}', 'https://es.example'))).valid}), 't', 'and the next key signs');

$session->quit;
$standby->stop;
$primary->stop;
done_testing();
