# A revocation that was committed stays one, whatever then happens to the server:
# a backend killed, the whole server killed, an immediate stop.  One that was not
# committed never happened.
use strict;
use warnings;
use OauthJwt;
use Test::More;
use Time::HiRes qw(usleep);

my $node = OauthJwt::new_node('crash');
$node->append_conf('postgresql.conf', "restart_after_crash = on\nfsync = on\nsynchronous_commit = on\n");
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub verdict { return sql("SELECT coalesce(error, 'ok') FROM jwt.check('$_[0]')"); }

# A session in the middle of a transaction, which the crash will end.
sub leave_open
{
	my ($sql) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	$session->query_safe("BEGIN; $sql");
	return $session;
}

sub kill_backend
{
	my $session = leave_open('SELECT 1');
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	my $logged = -s $node->logfile;
	kill 'KILL', $pid or die "kill $pid: $!";
	$node->wait_for_log(qr/database system is ready to accept connections/, $logged);
	eval { $session->quit };
	return;
}

# The postmaster, and then its backends, which notice its death by themselves:
# until then a new one finds their memory in use.
sub kill_server
{
	my $pid = $node->{_pid};
	$node->kill9;
	usleep(10_000) while kill 0, $pid;
	usleep(100_000) until $node->start(fail_ok => 1);
	return;
}

sub stop_immediately
{
	$node->stop('immediate');
	$node->start;
	return;
}

sql(q{CREATE EXTENSION oauth_jwt});
for my $case (
	[ 'a backend is killed', \&kill_backend ],
	[ 'the server is killed', \&kill_server ],
	[ 'the server is stopped at once', \&stop_immediately ])
{
	my ($name, $crash) = @$case;
	my $issuer = 'https://' . ($name =~ s/\W+/-/gr) . '.example';
	my $revoked = sql(qq{SELECT jwt.create_issuer('$issuer')});
	my $before = sql(qq{SELECT jwt.issue('{"sub": "alice"}', '$issuer')});
	my $active = sql(qq{SELECT jwt.rotate_key('$issuer')});
	my $after = sql(qq{SELECT jwt.issue('{"sub": "alice"}', '$issuer')});
	is(verdict($before) . verdict($after), 'okok', "$name: two keys");

	sql(qq{SELECT jwt.revoke_key('$issuer', '$revoked')});
	my $open = leave_open(qq{SELECT jwt.revoke_key('$issuer', '$active'); SELECT jwt.rotate_key('$issuer', 'ES256')});
	$crash->();
	eval { $open->quit };

	is(verdict($before), 'no key for the token', "$name: what was revoked is");
	is(verdict($after), 'ok', "$name: what was being revoked is not");
	is(sql(qq{SELECT string_agg(state, ' ' ORDER BY state) FROM jwt.keys WHERE issuer = '$issuer'}),
		'active next removed', "$name: the states are whole");
	is(sql(qq{SELECT private_jwk IS NULL FROM jwt.keys WHERE kid = '$revoked'}), 't', "$name: the private half is gone");
	is(verdict(sql(qq{SELECT jwt.issue('{}', '$issuer')})), 'ok', "$name: and it signs");

	# An issuer disabled, and then the same.
	sql(qq{UPDATE jwt.issuers SET enabled = false WHERE issuer = '$issuer'});
	$crash->();
	is(verdict($after), q{token's issuer is not trusted}, "$name: what was disabled is");
}

$node->stop;
done_testing();
