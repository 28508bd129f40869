# DeployedIssuer.pm: our authorization server the way deploy/ serves it, nginx and
# PostgREST in front of a node, over TLS with a certificate of its own authority.
#
#	DeployedIssuer::lacking()             what is not installed for it, or undef
#	my $site = DeployedIssuer->new;
#	$site->{issuer}                       https://127.0.0.1:PORT
#	$site->{ca}, {certificate}, {key}     files; the certificate is for 127.0.0.1
#	$site->{stranger}                     another authority's, which has signed nothing
#	$site->start($node, $dbname);         when the database has the issuer and its roles
#	$site->logs                           what both wrote
#
# It ends with the test.
package DeployedIssuer;

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

my $deploy = abs_path(dirname(__FILE__) . '/../../deploy');

# Debian has daemons in a folder that only root's PATH names.
sub program
{
	my ($name) = @_;
	my ($found) = grep { -x } map { "$_/$name" } split(/:/, $ENV{PATH}), '/usr/sbin';
	return $found;
}

sub lacking
{
	my ($missing) = grep { !program($_) } qw(nginx postgrest curl openssl);
	return $missing;
}

my $openssl_cnf = q{
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[server]
subjectAltName = IP:127.0.0.1
};

# A certificate and its key; who is not signed by another signs for itself.
sub certificate
{
	my ($self, $name, $kind, @signed_by) = @_;
	my ($certificate, $key) = ("$self->{folder}/$name.pem", "$self->{folder}/$name.key");
	local $ENV{OPENSSL_CONF} = "$self->{folder}/openssl.cnf";
	run_log([ qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj), "/CN=$name", '-extensions', $kind,
		'-keyout', $key, '-out', $certificate, @signed_by ]) or die "openssl made no certificate for $name";
	chmod 0600, $key;
	return ($certificate, $key);
}

sub make_certificates
{
	my ($self) = @_;
	append_to_file("$self->{folder}/openssl.cnf", $openssl_cnf);
	($self->{ca}, my $ca_key) = $self->certificate('authority', 'authority');
	($self->{stranger}) = $self->certificate('stranger', 'authority');
	@{$self}{qw(certificate key)} = $self->certificate('127.0.0.1', 'server', '-CA', $self->{ca}, '-CAkey', $ca_key);
	return;
}

sub new
{
	my ($class) = @_;
	my $self = bless {
		folder => PostgreSQL::Test::Utils::tempdir_short(),
		port => PostgreSQL::Test::Cluster::get_free_port(),
		servers => [] }, $class;
	$self->{issuer} = "https://127.0.0.1:$self->{port}";
	$self->make_certificates;
	return $self;
}

sub run_server
{
	my ($self, @command) = @_;
	my $log = "$self->{folder}/" . scalar(@{ $self->{servers} }) . '.log';
	push @{ $self->{servers} }, IPC::Run::start(\@command, '<', \undef, '>', $log, '2>&1');
	return;
}

sub start
{
	my ($self, $node, $dbname) = @_;
	my $folder = $self->{folder};
	run_log([ "$deploy/configure.sh", '--socket', "$folder/as.sock", '--listen', "127.0.0.1:$self->{port}",
		'--certificate', $self->{certificate}, '--key', $self->{key}, "$folder/nginx", $self->{issuer} ]) or die 'configure.sh failed';
	$self->run_server('env', "PGRST_DB_URI=postgresql://oauth_authenticator@/$dbname?host=" . $node->host . '&port=' . $node->port,
		"PGRST_SERVER_UNIX_SOCKET=$folder/as.sock", program('postgrest'), "$deploy/postgrest-as.conf");
	$self->run_server(program('nginx'), '-c', "$folder/nginx/nginx.conf", '-g', 'daemon off;');
	for (1 .. 200)
	{
		return if run_log([ 'curl', '-sf', '-o', '/dev/null', '--cacert', $self->{ca}, "$self->{issuer}/health" ]);
		select undef, undef, undef, 0.1;
	}
	die "the authorization server did not start\n" . $self->logs;
}

sub logs
{
	my ($self) = @_;
	return join '', map { slurp_file($_) } glob("$self->{folder}/*.log"), glob("$self->{folder}/nginx/*.log");
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $@);
	eval { $_->signal('TERM'); $_->finish } for reverse @{ $self->{servers} };
	return;
}

1;
