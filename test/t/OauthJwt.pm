# OauthJwt.pm: servers for the TAP tests.  A PostgreSQL::Test::Cluster that finds
# this checkout's extension where "make test" staged it, not in the system.
#
#	use OauthJwt;
#	my $node = OauthJwt::new_node('primary');       # initialized, not started
#	my $node = OauthJwt::new_node('primary', allows_streaming => 1);
#
# A node made from a backup has its settings already.
package OauthJwt;

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

# Else it were the account's name, and a user "alice" could not run a test that
# creates the role alice.
$ENV{PGUSER} = 'postgres';

# The lines of postgresql.conf that make a server look into the stage.
sub settings
{
	my $file = $ENV{OAUTH_JWT_STAGE_CONF}
	  or die "OAUTH_JWT_STAGE_CONF is not set; run the tests with: make test STAGES=tap\n";
	return slurp_file($file);
}

sub new_node
{
	my ($name, %init) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(%init, extra => [ @{ $init{extra} || [] }, "--username=$ENV{PGUSER}" ]);
	$node->append_conf('postgresql.conf', settings());
	return $node;
}

1;
