# The whole way of psql's single sign-on, from PostgreSQL 18 on: psql asks our own
# authorization server for a token by the device flow, a person lets it in on the
# server's pages, PostgreSQL accepts the token, and row-level security knows whose
# it is.  And the ways that end earlier.
#
# As in doc/how-to/psql-single-sign-on.md, with deploy/'s nginx and PostgREST, and
# TLS everywhere.
use strict;
use warnings;
use DeployedIssuer;
use OauthJwt;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = OauthJwt::new_node('device');
if ($node->pg_version < 18)
{
	plan skip_all => 'PostgreSQL has no log-in with a token before 18: psql gets no token on ' . $node->pg_version;
}
for my $lacking (grep { defined } DeployedIssuer::lacking())
{
	plan skip_all => "$lacking is not installed: psql's log-in by the device flow is not tested";
}
my ($libdir) = run_command([ 'pg_config', '--libdir' ]);
plan skip_all => "libpq-oauth is not installed: psql's log-in by the device flow is not tested" unless glob("$libdir/libpq-oauth*.so");

my $site = DeployedIssuer->new;
my $issuer = $site->{issuer};

# ---- the server ----

my $password = 'correct horse battery staple';
$node->append_conf('postgresql.conf', qq{
	oauth_validator_libraries = 'oauth_jwt'
	listen_addresses = '127.0.0.1'
	ssl = on
	ssl_cert_file = '$site->{certificate}'
	ssl_key_file = '$site->{key}'
});
unlink $node->data_dir . '/pg_hba.conf';
$node->append_conf('pg_hba.conf', qq{
local   all postgres,oauth_authenticator trust
hostssl all carol 127.0.0.1/32 oauth issuer="$issuer" scope="pg admin" map=sso
hostssl all all   127.0.0.1/32 oauth issuer="$issuer" scope="pg" map=sso
});
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]) }

sql(qq{
	CREATE EXTENSION oauth_jwt;
	SELECT oauth.create_issuer('$issuer', 'Example Inc.');
	SELECT oauth.create_resource('https://db.example.com', 'Database', '{"pg": "Log in to the database", "look": "Look around"}', is_default => true);
	UPDATE jwt.issuers SET audience = '{https://db.example.com}', type = 'at+jwt' WHERE issuer = '$issuer';
	SELECT oauth.create_client('psql', grant_types => '{urn:ietf:params:oauth:grant-type:device_code,refresh_token}',
		scopes => '{pg,look}', token_endpoint_auth_method => 'none', client_id => 'psql');
	SELECT jwt.export_trust();
	CREATE ROLE oauth_authenticator LOGIN NOINHERIT;
	CREATE ROLE oauth_anon;
	GRANT oauth_anon TO oauth_authenticator;
	SELECT oauth.grant_http('oauth_anon');
	CREATE ROLE alice LOGIN;
	CREATE ROLE carol LOGIN;
});
my %subject = map { ($_ => sql("SELECT oauth.create_user('$_', '$password')")) } qw(alice bob);
$node->append_conf('pg_ident.conf', "sso $subject{alice} alice\n");
$node->reload;
sql(qq{
	CREATE TABLE notes (owner text, body text);
	INSERT INTO notes VALUES ('$subject{alice}', 'Buy milk'), ('$subject{bob}', 'Call Alice');
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON notes USING (owner = jwt.subject());
	GRANT SELECT ON notes TO PUBLIC;
});
$site->start($node, 'postgres');

# ---- psql ----

# 18 takes another authority than the system's in its debugging mode only.
my $trust = $node->pg_version->major >= 19 ? " oauth_ca_file=$site->{ca}" : '';
@ENV{qw(PGOAUTHDEBUG PGOAUTHCAFILE)} = ('UNSAFE', $site->{ca}) if !$trust;

# psql, begun: it runs until psql_ends.
sub psql
{
	my ($user, $query, $options) = @_;
	my $self = { out => '', err => '' };
	my $conninfo = 'host=127.0.0.1 port=' . $node->port . " user=$user dbname=postgres sslmode=verify-full sslrootcert=$site->{ca}" .
		" require_auth=oauth oauth_issuer=$issuer oauth_client_id=psql$trust " . ($options // '');
	$self->{run} = IPC::Run::start([ 'psql', '-XAt', '-d', $conninfo, '-c', $query ], '<', \undef, '>', \$self->{out}, '2>', \$self->{err},
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return $self;
}

# What psql asks of the person before it: an address and a code.
sub asked
{
	my ($psql) = @_;
	$psql->{run}->pump until $psql->{err} =~ /^Visit (\S+) and enter the code: (\S+)$/m || !$psql->{run}->pumpable;
	return $psql->{err} =~ /^Visit (\S+) and enter the code: (\S+)$/m ? ($1, $2) : ('', '');
}

# How it went, without what 18's debugging mode tells.
sub psql_ends
{
	my ($psql) = @_;
	$psql->{run}->finish;
	my ($error) = $psql->{err} =~ /^(psql: .*)/ms;
	return ($psql->{run}->result(0), $psql->{out}, $error // '');
}

sub succeeds
{
	my ($name, $psql, $answer) = @_;
	my ($status, $out) = psql_ends($psql);
	is("$status $out", "0 $answer\n", $name) or diag($psql->{err}, $site->logs);
	return;
}

sub fails
{
	my ($name, $psql, $reason) = @_;
	my ($status, undef, $error) = psql_ends($psql);
	is($status, 2, "$name: no connection");
	like($error, $reason, "$name: psql says why");
	return;
}

# ---- the person ----

# A browser, as far as our pages go: cookies, redirects, a page's one form.
sub browse
{
	my ($who, $url, @data) = @_;
	my $jar = "$site->{folder}/$who.cookies";
	my ($page, $error) = run_command([ 'curl', '-sS', '-L', '--cacert', $site->{ca}, '-b', $jar, '-c', $jar, @data, $url ]);
	die "$url: $error" if $error;
	return $page;
}

sub unescaped
{
	my ($html) = @_;
	my %char = (amp => '&', lt => '<', gt => '>', quot => '"', '#39' => q{'});
	return $html =~ s/&(amp|lt|gt|quot|#39);/$char{$1}/gr;
}

sub submit
{
	my ($who, $page, %typed) = @_;
	my ($method, $action) = $page =~ /<form method="(get|post)" action="([^"]*)"/ or die "there is no form:\n$page";
	my %field = ($page =~ /<input type="hidden" name="([^"]*)" value="([^"]*)"/g, %typed);
	return browse($who, unescaped($action), ($method eq 'get' ? '-G' : ()),
		map { ('--data-urlencode', "$_=" . unescaped($field{$_})) } sort keys %field);
}

# Up to the question whether psql may.
sub enter_code
{
	my ($who, $address, $code) = @_;
	my $page = submit($who, browse($who, $address), user_code => $code);
	return $page =~ /type="password"/ ? submit($who, $page, username => $who, password => $password) : $page;
}

sub decide
{
	my ($who, $decision, $psql) = @_;
	return submit($who, enter_code($who, asked($psql)), decision => $decision);
}

# ---- let in ----

my $who = q{SELECT current_user, jwt.subject(), jwt.client_id(), jwt.scopes(), system_user; SELECT body FROM notes};
my $psql = psql('alice', $who);
my ($address, $code) = asked($psql);
is($address, "$issuer/device", 'psql shows the address');
like($code, qr/^[A-Z]{4}-[A-Z]{4}$/, 'and the code');
like(browse('alice', $address), qr/name="user_code"/, 'where the address leads, the code is asked for');
my $question = enter_code('alice', $address, $code);
like($question, qr/<strong>psql<\/strong>/, 'then who it is that asks');
like($question, qr/Log in to the database/, 'for what');
like($question, qr/\Q$code\E/, 'and with which code');
ok($psql->{run}->pumpable, 'psql waits');
submit('alice', $question, decision => 'approve');
succeeds('psql is let in, and sees her rows alone', $psql,
	"alice|$subject{alice}|psql|{pg}|oauth:$subject{alice}\nBuy milk");

# ---- or not ----

# All at once: between two questions to the server psql waits for five seconds.
my %waiting = map { ($_ => psql('alice', $who)) } qw(denied approved-by-another out-of-reach);
$waiting{narrow} = psql('alice', $who, 'oauth_scope=look');
$waiting{both} = psql('alice', $who, q{oauth_scope='look pg'});
asked($_) for values %waiting;
sql(q{UPDATE oauth.issuers SET device_code_lifetime = '2 seconds'});
$waiting{expired} = psql('alice', $who);
my @late = asked($waiting{expired});
sql(q{UPDATE oauth.issuers SET device_code_lifetime = '10 minutes'});

decide('alice', 'deny', $waiting{denied});
decide('alice', 'approve', $waiting{narrow});
decide('alice', 'approve', $waiting{both});
decide('bob', 'approve', $waiting{'approved-by-another'});
like(submit('alice', browse('alice', $address), user_code => 'BCDF-GHJK'), qr/role="alert"/, 'a code that nobody was given');

fails('denied', $waiting{denied}, qr/The user has denied it\. \(access_denied\)/);
succeeds('more scopes than the line asks for', $waiting{both}, "alice|$subject{alice}|psql|{look,pg}|oauth:$subject{alice}\nBuy milk");
fails('another scope than the line\'s', $waiting{narrow}, qr/FATAL:  OAuth bearer authentication failed for user "alice"/);
fails('approved by another', $waiting{'approved-by-another'}, qr/FATAL:  OAuth bearer authentication failed for user "alice"/);
fails('too late', $waiting{expired}, qr/The device code has expired\. \(expired_token\)/);
like(enter_code('alice', @late), qr/role="alert"/, 'too late for her as well');

fails('a scope that psql may not have', psql('carol', $who), qr/The scopes are not among those the client may have\. \(invalid_scope\)/);
fails('a client that nobody knows', psql('alice', $who, 'oauth_client_id=sqlp'), qr/\(invalid_client\)/);
fails('another issuer than the client expects', psql('alice', $who, 'oauth_issuer=https://127.0.0.1:1'), qr/is incompatible with oauth_issuer/);
{
	local $ENV{PGOAUTHCAFILE} = $site->{stranger};
	fails('a certificate of another authority', psql('alice', $who, $trust && "oauth_ca_file=$site->{stranger}"), qr/SSL peer certificate .* was not OK/);
}

# ---- what is written about it ----

my $log = slurp_file($node->logfile);
like($log, qr/log-in with a token refused: .*\(JW021\)/, 'the server\'s log has the missing scope');
like($log, qr/no match in usermap "sso" for user "alice" authenticated as "\Q$subject{bob}\E"/, 'and whose token it was');
unlike($log . $site->logs, qr/eyJ[\w-]+\.eyJ/, 'no log has a token');

$node->stop;
done_testing();
