# What a log-in costs the server: with a token beside SCRAM and no password, in
# turn on one server.  The server measures (log_connections = setup_durations):
# from the start of the backend's authentication to its end, so the client's own
# work is in it, SCRAM's key derivation too.  Run by test/bench/login.sh.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;
use TokenLogin;

my $rounds = $ENV{LOGINS} || 300;
my $node = OauthJwt::new_node('bench_login');
die "PostgreSQL has no log-in with a token before 18\n" if $node->pg_version < 18;
$node->append_conf('postgresql.conf', "oauth_validator_libraries = 'oauth_jwt'\nlog_connections = 'setup_durations'\nfsync = off\n" . ($ENV{LOGIN_CONF} || ''));
unlink $node->data_dir . '/pg_hba.conf';
$node->append_conf('pg_hba.conf', join '', map { "local all $_\n" } 'postgres trust', 'alice oauth issuer="https://as.example" scope="pg"', 'bob scram-sha-256', 'carol trust');
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN PASSWORD 'secret'; CREATE ROLE carol LOGIN;
	SELECT jwt.create_issuer('https://as.example', audience => '{postgresql}', algorithm => 'ES256');
	SELECT jwt.rotate_key('https://as.example', algorithm => 'RS256'), jwt.rotate_key('https://as.example', algorithm => 'RS256');
	SELECT jwt.export_trust();
});

sub token
{
	my ($algorithm) = @_;
	return $node->safe_psql('postgres', qq{SELECT jwt.issue('{"sub": "alice", "aud": "postgresql", "scope": "pg"}', expires_in => '1 hour',
		kid => (SELECT kid FROM jwt.keys WHERE state = 'active' AND algorithm = '$algorithm'))});
}
my %token = map { $_ => token($_) } qw(ES256 RS256);
$ENV{PGPASSWORD} = 'secret';

sub with_token
{
	my ($token) = @_;
	my $session = TokenLogin->new($node, user => 'alice', token => $token);
	die "$session->{error}\n" if defined $session->{error};
	$session->close;
	return;
}

my @ways = (
	[ 'no password' => sub { $node->safe_psql('postgres', 'SELECT 1', extra_params => [ '-U', 'carol' ]) } ],
	[ 'SCRAM-SHA-256' => sub { $node->safe_psql('postgres', 'SELECT 1', extra_params => [ '-U', 'bob' ]) } ],
	[ 'token, ES256' => sub { with_token($token{ES256}) } ],
	[ 'token, RS256' => sub { with_token($token{RS256}) } ]);
my %times;
my $position = -s $node->logfile;
for (1 .. $rounds)
{
	for my $way (@ways)
	{
		$way->[1]->();
		my $log = '';
		$log = slurp_file($node->logfile, $position) until $log =~ /authentication=([\d.]+) ms/;
		push @{ $times{ $way->[0] } }, $1;
		$position += length $log;
	}
}
$node->stop;

# PostgreSQL::Test keeps STDOUT for its log.
my $out = Test::More->builder->output;
print $out sprintf "%-16s %8s %8s %8s   (ms of authentication, %d log-ins each)\n", '', 'median', 'mean', '95 %', $rounds;
for my $way (@ways)
{
	my @sorted = sort { $a <=> $b } @{ $times{ $way->[0] } };
	my $sum = 0;
	$sum += $_ for @sorted;
	print $out sprintf "%-16s %8.2f %8.2f %8.2f\n", $way->[0], $sorted[ @sorted / 2 ], $sum / @sorted, $sorted[ int(@sorted * 0.95) ];
}
