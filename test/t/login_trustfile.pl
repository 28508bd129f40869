# The trust file of log-ins with a token, from PostgreSQL 18 on, and whoever would
# turn it against them: what stands in its place, who writes it when, and what a
# claim can put into the log.
use strict;
use warnings;
use IPC::Run;
use OauthJwt;
use POSIX qw(mkfifo);
use PostgreSQL::Test::Utils;
use Test::More;
use TokenLogin;

my $node = OauthJwt::new_node('login_trustfile', allows_streaming => 1);
if ($node->pg_version < 18)
{
	plan skip_all => 'PostgreSQL has no log-in with a token before 18: nothing of src/validator is tested on ' . $node->pg_version;
}

my ($OURS, $THEIRS) = ('https://as.example', 'https://other.example');
$node->append_conf('postgresql.conf', q{
	oauth_validator_libraries = 'oauth_jwt'
	log_connections = all
	log_replication_commands = on
});
my $LONG = 'l' x 63;    # as long as a role's name can be
unlink $node->data_dir . '/pg_hba.conf';
$node->append_conf('pg_hba.conf', qq{
local all         postgres trust
local replication postgres trust
local replication alice    oauth issuer="$OURS" scope="pg"
local all         mapped   oauth issuer="$OURS" scope="pg" map=ours
local all         other    oauth issuer="$THEIRS" scope="pg" map=theirs
local all         all      oauth issuer="$OURS" scope="pg"
});
$node->append_conf('pg_ident.conf', qq{
ours   /^(.*)\@staff\$   mapped
ours   bob              mapped
theirs bob              other
});
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]) }

# The error of it, or what it answers.
sub outcome
{
	my ($code, $out, $err) = $node->psql('postgres', $_[0]);
	return $err ne '' ? $err : $out;
}

sql(qq{
	CREATE EXTENSION oauth_jwt;
	CREATE ROLE alice LOGIN REPLICATION; CREATE ROLE "Alice" LOGIN; CREATE ROLE mapped LOGIN; CREATE ROLE other LOGIN;
	CREATE ROLE $LONG LOGIN;
	SELECT jwt.create_issuer('$OURS', audience => '{postgresql}'), jwt.create_issuer('$THEIRS', audience => '{postgresql}');
	SELECT jwt.export_trust();
});
my $file = $node->data_dir . '/oauth_jwt_trust.json';

sub quoted { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }

# Claims in JSON's own spelling, escapes and all.
sub token
{
	my ($claims, $issuer) = @_;
	$issuer //= $OURS;
	return sql(qq{SELECT jwt.jws_sign(convert_to(} . quoted(qq({"iss": "$issuer", "aud": "postgresql", "scope": "pg", $claims, "exp": )) .
		qq[ || extract(epoch FROM clock_timestamp())::bigint + 600 || '}', 'UTF8'), private_jwk::jsonb) FROM jwt.keys WHERE issuer = '$issuer' AND state = 'active']);
}

sub log_in { my ($user, $token, @more) = @_; return TokenLogin->new($node, user => $user, token => $token, @more) }

sub is_let_in
{
	my ($name, $user, $token) = @_;
	my $session = log_in($user, $token);
	is($session->query('SELECT current_user'), $user, $name) or diag(new_log());
	$session->close;
	return;
}

my $log_position = 0;

sub new_log
{
	my $log = slurp_file($node->logfile, $log_position);
	$log_position += length $log;
	return $log;
}

# reason: what the log must say
sub is_refused
{
	my ($name, $user, $token, $reason) = @_;
	new_log();
	my $session = log_in($user, $token);
	like($session->{error} // 'none', qr/^FATAL: 28000/, "$name: refused");
	$session->close;
	my $log = new_log();
	like($log, $reason, "$name: the log says why");
	return $log;
}

# ---- who it is ----

is_let_in('a name as it is', 'alice', token('"sub": "alice"'));
is_let_in('a role of the longest name', $LONG, token(qq("sub": "$LONG")));
is_refused('a longer name, of which the server has cut the role', "${LONG}x", token(qq("sub": "${LONG}x")), qr/provided user name \(l+\) and authenticated user name \(l+x\) do not match/);
is_refused('another letter case', 'Alice', token('"sub": "alice"'), qr/do not match/);
is_refused('a blank behind it', 'alice', token('"sub": "alice "'), qr/do not match/);
is_refused('NUL behind it', 'alice', token('"sub": "alice\u0000x"'), qr/JW001/);
is_refused('a list of names', 'alice', token('"sub": ["alice"]'), qr/JW020/);
is_refused('an empty name', 'alice', token('"sub": ""'), qr/JW020/);
is_refused('half a surrogate pair', 'alice', token('"sub": "alice\ud800"'), qr/JW001/);
my $huge = 'h' x 45000;
is_refused('a name of 45,000 characters', 'alice', token(qq("sub": "$huge")), qr/do not match/);
is_let_in('and one that a map knows', 'mapped', token(qq("sub": "$huge\@staff")));
is_refused('a control character in a name that a pattern would match', 'mapped', token(qq("sub": "x$_\@staff")), qr/JW020/)
  for '\n', '\r', '\t', '\u001b', '\u007f', '\u0085', "\xc2\x9b";
is_let_in('a character beside them', 'mapped', token(qq("sub": "x$_\@staff"))) for '\u00a0', "J\xc3\xbcrgen";

# The same name from two issuers is two people: each line has its issuer and its map.
is_let_in('a name of ours', 'mapped', token('"sub": "bob"'));
is_let_in('the same name of theirs', 'other', token('"sub": "bob"', $THEIRS));
is_refused('ours on their line', 'other', token('"sub": "bob"'), qr/JW006/);
is_refused('theirs on our line', 'mapped', token('"sub": "bob"', $THEIRS), qr/JW006/);

# ---- what a claim puts into the log ----

my $log = is_refused('an audience of several lines', 'alice', token('"aud": "x\nLOG:  all is well\u001b[2J\u009b2J"'), qr/JW016/);
unlike($log, qr/identity=/, 'it is not said who a token is that is not for us');
like($log, qr/DETAIL:  The token says "x\?LOG:  all is well\?\[2J\?\?2J"/, 'they are one line, that does nothing to a terminal');

$log = is_refused('a token without the scope', 'alice', token('"sub": "alice", "scope": "none"'), qr/JW021/);
like($log, qr/connection authenticated: identity="alice" method=oauth/, 'which is good otherwise, so that the log says whose it is');

sql('ALTER SYSTEM SET log_min_messages = debug5');
$node->reload;
my @presented = (token('"sub": "alice"'), token('"sub": "bob"'));
log_in('alice', $_)->close for @presented;
sql('ALTER SYSTEM RESET log_min_messages');
$node->reload;
$log = new_log();
like($log, qr/DEBUG: .*SASL/, 'a log of all that the server has to say');
is(scalar(grep { index($log, (split /\./)[2]) >= 0 } @presented), 0, 'has no token');

# ---- other sessions ----

my $walsender = log_in('alice', token('"sub": "alice"'), parameters => [ replication => 'true' ]);
like($walsender->query('IDENTIFY_SYSTEM'), qr/^\d+\|1\|/, 'a physical replication connection, which never opens a database');
$walsender->close;
my $session = log_in('alice', token('"sub": "alice"'));
sql(q{ALTER SYSTEM SET oauth_jwt.leeway = 1; SELECT pg_reload_conf(); ALTER SYSTEM RESET oauth_jwt.leeway; SELECT pg_reload_conf()});
is($session->query('SELECT jwt.subject()'), 'alice', 'a reload leaves the claims');
$session->close;

# ---- what stands in the file's place ----

my $alice = token('"sub": "alice"');
my $kept = slurp_file($file);

sub put
{
	my ($text) = @_;
	unlink $file;
	open my $fh, '>', $file or die "$file: $!";
	print $fh $text;
	close $fh;
	chmod 0600, $file;
	return;
}

put(substr $kept, 0, length($kept) - 1);
is_refused('half a file', 'alice', $alice, qr/JW055/);
put($kept . ' ' x (512 * 1024));
is_refused('a file over 512 kB', 'alice', $alice, qr/JW055.*too large/s);
put("\xef\xbb\xbf$kept");
is_refused('a byte order mark', 'alice', $alice, qr/JW055/);
put($kept);
chmod 0620, $file;
is_refused('a file that the group can write', 'alice', $alice, qr/JW055.*group or others/s);
chmod 0644, $file;
is_let_in('others may read it', 'alice', $alice);
rename $file, "$file.elsewhere" or die;
symlink "$file.elsewhere", $file or die;
is_let_in('a link to such a file', 'alice', $alice);
unlink $file;
symlink $file, $file or die;
is_refused('a link to itself', 'alice', $alice, qr/JW055/);
unlink $file;
mkdir $file or die;
is_refused('a folder', 'alice', $alice, qr/JW055.*regular file/s);
rmdir $file;
mkfifo($file, 0600) or die;
is_refused('a pipe, which nobody writes', 'alice', $alice, qr/JW055.*regular file/s);
unlink $file;

# ---- who writes it ----

put("port = 5432\n");
like(outcome('SELECT jwt.export_trust()'), qr/trust file is not usable/, 'what is no trust file is not replaced, say another that the setting names');
unlink $file;
my $precious = $node->data_dir . '/precious';
for my $way (sub { symlink $precious, "$file.new" }, sub { link $precious, "$file.new" }, sub { 1 })
{
	append_to_file($precious, 'precious') unless -e $precious;
	$way->() or die $!;
	is(outcome('SELECT jwt.export_trust()'), '2', 'exported');
	is(slurp_file($precious), 'precious', 'and nothing written through a link that lay in wait');
	ok(!-l $file && !-e "$file.new" && sprintf('%o', (stat $file)[2] & 07777) eq '600', 'but a new file');
}
is_let_in('which serves', 'alice', $alice);

# What log-ins could not read is not written, and the reason is told.
$kept = slurp_file($file);
like(outcome(q{BEGIN; INSERT INTO jwt.issuers (issuer, jwks)
	SELECT 'https://' || i || '.example', public_jwk FROM generate_series(1, 255) AS i, (SELECT public_jwk FROM jwt.keys LIMIT 1) AS k; SELECT jwt.export_trust()}),
	qr/trust file is not usable.*"issuers" has more than 256/s, 'too many issuers');
is(slurp_file($file), $kept, 'leave the file as it was');

# Whoever logs in while it is replaced reads the one or the other.
my $exporter = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c',
	'DO $$ BEGIN FOR i IN 1 .. 100000 LOOP PERFORM jwt.export_trust(); COMMIT; EXIT WHEN EXISTS (SELECT FROM pg_class WHERE relname = \'enough\'); END LOOP; END $$' ],
	'>', \my $out, '2>', \my $err);
my $refusals = 0;
for (1 .. 100)
{
	my $each = log_in('alice', $alice);
	$refusals++ if $each->query('SELECT jwt.subject()') ne 'alice';
	$each->close;
}
sql('CREATE TABLE enough ()');
IPC::Run::finish($exporter);
is("$err$refusals", '0', 'a hundred log-ins while the file is replaced all the time');

# ---- a standby ----

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('login_trustfile_standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
unlink $standby->data_dir . '/oauth_jwt_trust.json';
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is($standby->safe_psql('postgres', 'SELECT jwt.export_trust()'), '2', 'a standby exports for itself');
$session = TokenLogin->new($standby, user => 'alice', token => token('"sub": "alice"'));
is($session->query('SELECT jwt.subject(), pg_is_in_recovery()'), 'alice|t', 'and its log-ins go by that');
$session->close;
$standby->stop;

$node->stop;
done_testing();
