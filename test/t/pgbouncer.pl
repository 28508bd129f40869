# Behind PgBouncer in transaction mode one server connection serves many clients
# in turn: what one of them verified must not be there for the next.
use strict;
use warnings;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

# Debian has it in a folder that only root's PATH names.
my ($pgbouncer) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin';
plan skip_all => 'pgbouncer is not installed' unless $pgbouncer;

my $node = OauthJwt::new_node('pooled');
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION oauth_jwt;
	SELECT jwt.create_issuer('https://auth.example.com');
	CREATE ROLE app LOGIN;
});

my $dir = PostgreSQL::Test::Utils::tempdir_short();
my $port = PostgreSQL::Test::Cluster::get_free_port();
append_to_file("$dir/users.txt", qq{"app" ""\n});
append_to_file("$dir/pgbouncer.ini", <<"INI");
[databases]
postgres = host=@{[$node->host]} port=@{[$node->port]} user=app

[pgbouncer]
pool_mode = transaction
default_pool_size = 1
listen_addr =
listen_port = $port
unix_socket_dir = $dir
auth_type = trust
auth_file = $dir/users.txt
pidfile = $dir/pid
logfile = $dir/log
INI
my $pooler = IPC::Run::start([ $pgbouncer, "$dir/pgbouncer.ini" ], '>', \my $out, '2>', \my $err);
END
{
	local $?;
	$pooler->signal('TERM'), $pooler->finish if $pooler;
}

# One client of the pooler, from connecting to leaving.
sub client
{
	my ($sql) = @_;
	my ($stdout, $stderr) = ('', '');
	local $ENV{PGOPTIONS} = '';
	IPC::Run::run([ 'psql', '-XAtq', '-h', $dir, '-p', $port, '-U', 'app', '-d', 'postgres' ],
		'<', \$sql, '>', \$stdout, '2>', \$stderr);
	chomp($stdout, $stderr);
	return "$stdout$stderr";
}

my $tries = 0;
until (-S "$dir/.s.PGSQL.$port" || $tries++ > 100) { select undef, undef, undef, 0.1 }

my $token = $node->safe_psql('postgres', q{SELECT jwt.issue('{"sub": "alice"}')});
my $server = client('SELECT pg_backend_pid();');
like($server, qr/^\d+$/, 'a client reaches the server');

my $state = q{SELECT pg_backend_pid() || ' ' || coalesce(jwt.subject(), 'nobody')};
is(client("BEGIN; SELECT jwt.set_session('$token') \\gset\n$state; COMMIT;"),
	"$server alice", 'a session lasts for its transaction');
is(client("$state;"), "$server nobody",
	'and is gone for the next client of the same server connection');
like(client("BEGIN; SELECT jwt.set_session('$token') \\gset\n$state; SELECT 1/0; ROLLBACK;"),
	qr/^$server alice\s*ERROR:  division by zero/, 'a transaction with a session fails');
is(client("$state;"), "$server nobody", 'and leaves none behind either');

# What the how-to warns of; also the proof that the above would notice.
client("SELECT jwt.set_session('$token', is_local => false) \\gset");
is(client("$state;"), "$server alice", 'a session that outlives its transaction meets the next client');
is(client("SELECT jwt.clear_session(); $state;"), "\n$server nobody", 'until it is cleared');

$node->stop;
done_testing();
