# The test bed itself: a server of our own loads the extension from the stage,
# in the version that the control file names, and lets go of it again.
use strict;
use warnings;
use OauthJwt;
use Test::More;

my $node = OauthJwt::new_node('smoke');
$node->start;

my ($version) = slurp_control() =~ /^default_version = '(.*)'$/m;

sub slurp_control { return PostgreSQL::Test::Utils::slurp_file('oauth_jwt.control') }

$node->safe_psql('postgres', 'CREATE EXTENSION oauth_jwt');
is( $node->safe_psql('postgres',
		q{SELECT extversion FROM pg_extension WHERE extname = 'oauth_jwt'}),
	$version,
	'CREATE EXTENSION installs the version of the control file');

$node->safe_psql('postgres', 'DROP EXTENSION oauth_jwt');
is( $node->safe_psql('postgres',
		q{SELECT count(*) FROM pg_namespace WHERE nspname IN ('jwt', 'oauth', 'oauth_http')}),
	'0',
	'DROP EXTENSION takes its schemas along');

$node->stop;
done_testing();
