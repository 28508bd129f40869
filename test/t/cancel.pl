# A call that takes long is ended in its midst, by pg_cancel_backend and by
# pg_terminate_backend, and not merely after it.  How long making an RSA key takes
# is a matter of luck, so several are ended, and are to take less than a quarter of
# the time that one takes to its end.  statement_timeout: test/sql/limits.sql.
use strict;
use warnings;
use OauthJwt;
use Test::More;
use Time::HiRes qw(time);

my $node = OauthJwt::new_node('cancel');
$node->append_conf('postgresql.conf', "restart_after_crash = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION oauth_jwt');

sub sql { return $node->safe_psql('postgres', $_[0]); }

my $tries = 4;
my $timed = 3;
my $call = q{SELECT jwt.generate_key('RS256', 4096)};
my $begun = time;
sql("$call \\g /dev/null") for 1 .. $timed;
my $undisturbed = (time - $begun) / $timed;

for my $how ('pg_cancel_backend', 'pg_terminate_backend')
{
	my $seconds = 0;
	my $ended = 0;
	for (1 .. $tries)
	{
		my $session = $node->background_psql('postgres', on_error_stop => 0);
		my $pid = $session->query_safe('SELECT pg_backend_pid()');
		my $busy = "SELECT count(*) FROM pg_stat_activity WHERE pid = $pid AND state = 'active'";
		$session->query_until(qr/begun/, "\\echo begun\n$call;\n");
		# one that is made before we look is no try
		if (sql($busy))
		{
			$begun = time;
			sql("SELECT $how($pid)");
			select undef, undef, undef, 0.02 while sql($busy);
			$seconds += time - $begun;
			$ended++;
		}
		eval { $session->quit };
	}
	cmp_ok($ended, '>=', $tries / 2, "$how: of $tries calls, enough are ended in their midst");
	cmp_ok($seconds / $ended, '<', $undisturbed / 4, sprintf('... in %.2f s each, of %.2f s', $seconds / $ended, $undisturbed));
}
is(sql(q{SELECT (jwt.check(jwt.sign('{}', repeat('s', 32)), repeat('s', 32))).valid}), 't', 'the server has gone down with none of them');

$node->stop;
done_testing();
