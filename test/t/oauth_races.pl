# Fifty requests at once with one authorization code, and with one refresh token: one
# succeeds, none fails but by invalid_grant, and what came of it is revoked, since of a
# code that comes twice one was stolen.  And a server that is killed meanwhile lets no
# code be used twice, and forgets no revocation that it has answered for.
#
# OAUTH_JWT_ROUNDS says how often; 10 if it does not.
use strict;
use warnings;
use IPC::Run;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $rounds = $ENV{OAUTH_JWT_ROUNDS} // 10;
my $clients = 50;

my $node = OauthJwt::new_node('oauth_races');
$node->append_conf('postgresql.conf', "max_connections = 80\nfsync = on\nsynchronous_commit = on\n");
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }

sql(q{
	CREATE EXTENSION oauth_jwt;
	SELECT oauth.create_issuer('https://race.example');
	SELECT oauth.create_user('alice', subject => 'alice');
	SELECT oauth.create_client('App', '{https://app.example/cb}', '{offline_access}', client_id => 'app',
		token_endpoint_auth_method => 'none', application_type => 'native');

	CREATE TABLE codes (n integer, code text DEFAULT oauth.random_token(), family_id uuid);
	CREATE TABLE answers (round integer, status integer, error text, refresh_token text);

	-- families with a code each
	CREATE FUNCTION authorize(from_n integer, to_n integer) RETURNS void LANGUAGE sql AS $$
		WITH family AS (
			INSERT INTO oauth.token_families (issuer_id, client_id, subject, scopes, expires_at)
			SELECT i.issuer_id, 'app', 'alice', '{offline_access}', now() + interval '1 day'
			FROM oauth.issuers AS i, generate_series(from_n, to_n)
			RETURNING issuer_id, family_id
		), code AS (
			INSERT INTO codes (n, family_id)
			SELECT from_n - 1 + row_number() OVER (), family_id FROM family
			RETURNING code, family_id
		)
		INSERT INTO oauth.authorization_codes (issuer_id, code_hash, client_id, family_id, expires_at)
		SELECT issuer_id, oauth.hash_token(code), 'app', family_id, now() + interval '60 seconds' FROM family JOIN code USING (family_id)
	$$;
	CREATE FUNCTION ask(form text) RETURNS oauth.response LANGUAGE sql AS $$
		SELECT oauth.handle(ROW(NULL, 'POST', '/token', '', '{"content-type": "application/x-www-form-urlencoded"}', convert_to('client_id=app&' || form, 'UTF8'), NULL, NULL)::oauth.request)
	$$;
	CREATE FUNCTION redeem(n integer) RETURNS oauth.response LANGUAGE sql AS $$
		SELECT ask('grant_type=authorization_code&code=' || code) FROM codes AS c WHERE c.n = redeem.n
	$$;
});

# All clients wait at a gate until the last one has come.  The gate is a session of
# its own each time: background_psql gives up a session after some minutes.
sub race
{
	my ($round, $form) = @_;
	my $script = $node->basedir . '/race.sql';
	open my $file, '>', $script or die "$script: $!";
	print $file "SELECT pg_advisory_lock_shared(1);\n",
	  "INSERT INTO answers SELECT $round, r.status, b ->> 'error', b ->> 'refresh_token'",
	  " FROM ask('$form') AS r, LATERAL (SELECT convert_from(r.body, 'UTF8')::jsonb) AS j (b);\n";
	close $file;

	my $gate = $node->background_psql('postgres');
	$gate->query_safe('SELECT pg_advisory_lock(1)');
	my ($out, $err) = ('', '');
	my $bench = IPC::Run::start([ 'pgbench', '-n', '-c', $clients, '-j', 2, '-t', 1, '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ],
		'>', \$out, '2>', \$err);
	$node->poll_query_until('postgres', qq{SELECT count(*) = $clients FROM pg_locks WHERE locktype = 'advisory' AND NOT granted})
	  or die "the clients did not come: $err";
	$gate->query_safe('SELECT pg_advisory_unlock(1)');
	$bench->finish;
	$gate->quit;
	return $err =~ /ERROR|aborted/ ? $err : '';
}

sub answers
{
	return sql(qq{SELECT string_agg(concat_ws(' ', n, status, error), ', ' ORDER BY status)
		FROM (SELECT count(*) AS n, status, error FROM answers WHERE round = $_[0] GROUP BY status, error) AS a});
}

sub fate
{
	return sql(qq{SELECT concat_ws(' ', f.revoked_at IS NOT NULL,
			EXISTS (SELECT FROM oauth.revocations AS r WHERE r.kind = 'family' AND r.id = f.family_id::text))
		FROM oauth.token_families AS f WHERE family_id = '$_[0]'});
}

my $one = '1 200, ' . ($clients - 1) . ' 400 invalid_grant';
for my $round (1 .. $rounds)
{
	sql("SELECT authorize($round, $round)");
	my ($code, $family) = split /\|/, sql("SELECT code, family_id FROM codes WHERE n = $round");

	is(race($round, "grant_type=authorization_code&code=$code"), '', "round $round: $clients redemptions of one code, no error");
	is(answers($round), $one, "round $round: ... one success");
	is(fate($family), 't t', "round $round: ... which is revoked");
	is(sql("SELECT (ask('grant_type=refresh_token&refresh_token=' || refresh_token)).status FROM answers WHERE round = $round AND status = 200"),
		'400', "round $round: ... with its refresh token");

	sql("SELECT authorize(1000 + $round, 1000 + $round)");
	$family = sql("SELECT family_id FROM codes WHERE n = 1000 + $round");
	my $token = sql("SELECT convert_from((redeem(1000 + $round)).body, 'UTF8')::jsonb ->> 'refresh_token'");
	is(race(1000 + $round, "grant_type=refresh_token&refresh_token=$token"), '', "round $round: $clients refreshes of one token, no error");
	is(answers(1000 + $round), $one, "round $round: ... one success");
	is(fate($family), 't t', "round $round: ... which is revoked");
	is(sql("SELECT (ask('grant_type=refresh_token&refresh_token=' || refresh_token)).status FROM answers WHERE round = 1000 + $round AND status = 200"),
		'400', "round $round: ... with its refresh token");
}
is(sql(q{SELECT count(*) FROM oauth.audit WHERE event = 'code_replayed'}), $rounds * ($clients - 1), 'every replay is in the audit trail');
is(sql(q{SELECT count(*) FROM oauth.audit WHERE event = 'server_error'}), 0, 'nothing was unforeseen');

# Four clients redeem the same codes and write down what they were answered; psql
# tells it when the transaction is committed.  Then the server is killed.
my $per_crash = 2000;	# some seconds' work
my $consumed = 'SELECT count(*) FROM oauth.authorization_codes WHERE consumed_at IS NOT NULL';
for my $crash (1 .. 3)
{
	my ($first, $last) = (10_000 * $crash, 10_000 * $crash + $per_crash - 1);
	sql("SELECT authorize($first, $last)");
	my $before = sql($consumed);

	my (@psql, @out, @err);
	for my $worker (0 .. 3)
	{
		my $start = int($worker / 2) * $per_crash / 2;
		my @order = map { $first + ($start + $_) % $per_crash } 0 .. $per_crash - 1;
		my $script = $node->basedir . "/crash$crash.$worker.sql";
		append_to_file($script, join '', map { "SELECT $_, (redeem($_)).status;\n" } @order);
		($out[$worker], $err[$worker]) = ('', '');
		push @psql, IPC::Run::start([ 'psql', '-XAtq', '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ],
			'<', '/dev/null', '>', \$out[$worker], '2>', \$err[$worker]);
	}
	$node->poll_query_until('postgres', "SELECT ($consumed) > $before + 50") or die "no codes are redeemed: @err";
	my $pid = $node->{_pid};
	$node->kill9;
	$_->finish for @psql;
	usleep(10_000) while kill 0, $pid;
	usleep(100_000) until $node->start(fail_ok => 1);

	my (%redeemed, %replayed, $twice);
	for (map { split /\n/ } @out)
	{
		my ($n, $status) = split /\|/;
		$twice = $n if $status eq '200' && $redeemed{$n}++;
		$replayed{$n}++ if $status eq '400';
	}
	my $answered = keys %redeemed;
	cmp_ok($answered, '>', 0, "crash $crash: codes were redeemed");
	cmp_ok($answered, '<', $per_crash, "crash $crash: ... until the server was killed");
	is($twice, undef, "crash $crash: ... none twice");

	# Looked at before the replays below revoke more.
	my $replayed = join ',', keys %replayed;
	cmp_ok(scalar keys %replayed, '>', 0, "crash $crash: codes were replayed");
	is(sql("SELECT count(*) FROM codes JOIN oauth.token_families USING (family_id) WHERE n IN ($replayed) AND revoked_at IS NULL"),
		0, "crash $crash: ... and every one of them is revoked");
	my $redeemed = join ',', keys %redeemed;
	is(sql("SELECT count(*) FROM codes WHERE n IN ($redeemed) AND (redeem(n)).status = 200"),
		0, "crash $crash: none is redeemed once more");
}

$node->stop;
done_testing();
