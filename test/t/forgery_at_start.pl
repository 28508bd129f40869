# Session claims that are there before a backend runs its first statement: in the
# configuration files, in the catalog of settings for roles and databases, with
# the library loaded then, at the start, or by the server.  Whoever can write
# there is a superuser; still the claims come from a token, or there are none.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = OauthJwt::new_node('forgery');
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	CREATE ROLE alice LOGIN;
	CREATE TABLE notes AS SELECT 'mallory' AS owner FROM generate_series(1, 1000);
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON notes USING (owner = jwt.subject());
	GRANT SELECT ON notes TO alice;
});
my $forged = '{"leeway": 0, "key": "x", "roles": [], "claims": {"sub": "mallory"}}';

# Who a new backend is, by itself and in its parallel workers.
sub session
{
	my ($role) = @_;
	my ($code, $out, $err) = $node->psql('postgres', q{
		SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off;
		SELECT coalesce(jwt.subject(), 'nobody'), count(*) FILTER (WHERE owner = jwt.subject()) FROM notes GROUP BY 1;
		SELECT coalesce(jwt.subject(), 'nobody'), count(*) FROM notes WHERE owner = jwt.subject()},
		extra_params => [ '-U', $role ]);
	return $out;
}

# alice is shown the rows of a policy that never holds: none, so no group either.
my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
my %nobody = (alice => 'nobody|0', $superuser => "nobody|0\nnobody|0");

sub is_nobody
{
	my ($name) = @_;
	is(session($_), $nobody{$_}, "$name: $_ is nobody") for sort keys %nobody;
	return;
}

is_nobody('to begin with');

for my $preload ('', "shared_preload_libraries = 'oauth_jwt'", "session_preload_libraries = 'oauth_jwt'")
{
	my $how = $preload || 'not preloaded';

	# Written by hand, where ALTER ROLE would be refused.
	$node->safe_psql('postgres', qq{
		INSERT INTO pg_db_role_setting (setdatabase, setrole, setconfig)
		VALUES (0, 'alice'::regrole, ARRAY[\$\$oauth_jwt.session=$forged\$\$]),
			(0, '$superuser'::regrole, ARRAY[\$\$oauth_jwt.session=$forged\$\$]),
			((SELECT oid FROM pg_database WHERE datname = 'postgres'), 0, ARRAY[\$\$oauth_jwt.session=$forged\$\$])});
	$node->append_conf('postgresql.conf', $preload);
	$node->restart;
	is_nobody("pg_db_role_setting, $how");
	$node->safe_psql('postgres', 'DELETE FROM pg_db_role_setting');

	# A server that has loaded the library refuses the line, any other cannot tell.
	my $conf = $node->data_dir . '/postgresql.conf';
	my $before = slurp_file($conf);
	my $mark = -s $node->logfile;
	$node->append_conf('postgresql.conf', "oauth_jwt.session = '$forged'\n");
	$node->stop;
	my $started = $node->start(fail_ok => 1);
	is_nobody("postgresql.conf, $how") if $started;
	like(substr(slurp_file($node->logfile), $mark), qr/FATAL:|WARNING:  (?:the session's claims cannot be set by hand|parameter "oauth_jwt\.session" cannot be changed)/,
		"postgresql.conf, $how: " . ($started ? 'the log tells of it' : 'the server does not start'));
	$node->stop if $started;
	open my $fh, '>', $conf or die "$conf: $!";
	print $fh $before =~ s/^\Q$preload\E$//mr;
	close $fh;
	$node->start;
	is_nobody("without the line again, $how");
}

# A worker takes its leader's claims, but not what stands there before: where the
# library is loaded in the midst of its start, that is thrown away unread.
$node->safe_psql('postgres', q{INSERT INTO pg_db_role_setting (setdatabase, setrole, setconfig) VALUES (0, 'alice'::regrole, '{oauth_jwt.session=garbage}')});
is_nobody('no claims at all in pg_db_role_setting');
$node->safe_psql('postgres', 'DELETE FROM pg_db_role_setting');

# What a superuser may say for a role: that PostgREST's claims are to be believed.
my $ask = q{SET request.jwt.claims = '{"sub": "carol"}'; SELECT coalesce(jwt.subject(), 'nobody')};
my $as_alice = sub { my ($code, $out) = $node->psql('postgres', $ask, extra_params => [ '-U', 'alice' ]); return $out };
is($as_alice->(), 'nobody', 'request.jwt.claims of alice');
$node->safe_psql('postgres', 'LOAD $$oauth_jwt$$; ALTER ROLE alice SET oauth_jwt.trust_request_claims = on');
is($as_alice->(), 'carol', 'once a superuser has set it for her role');
$node->safe_psql('postgres', 'ALTER ROLE alice RESET ALL');
is($as_alice->(), 'nobody', 'and no longer');
for my $load ('', 'SELECT jwt.subject();')
{
	$node->psql('postgres', "$load ALTER ROLE alice SET oauth_jwt.trust_request_claims = on", extra_params => [ '-U', 'alice' ]);
	is($as_alice->(), 'nobody', 'which alice cannot do herself, library ' . ($load ? 'loaded' : 'not loaded'));
}

$node->stop;
done_testing();
