# A subscriber of jwt.issuers and jwt.keys follows its publisher: a key revoked
# there verifies no more here, in sessions that have used it already.
use strict;
use warnings;
use OauthJwt;
use Test::More;

my $publisher = OauthJwt::new_node('publisher', allows_streaming => 'logical');
my $subscriber = OauthJwt::new_node('subscriber');
for my $node ($publisher, $subscriber)
{
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION oauth_jwt');
}

my $kid = $publisher->safe_psql('postgres', q{SELECT jwt.create_issuer('https://a.example')});
my $token = $publisher->safe_psql('postgres', q{SELECT jwt.issue('{"sub": "alice"}')});
my $other = $publisher->safe_psql('postgres', q{SELECT jwt.create_issuer('https://other.example') \g /dev/null
	SELECT jwt.issue('{"sub": "bob"}', 'https://other.example')});

$publisher->safe_psql('postgres', 'CREATE PUBLICATION trust FOR TABLE jwt.issuers, jwt.keys');
$subscriber->safe_psql('postgres',
	sprintf('CREATE SUBSCRIPTION trust CONNECTION $$%s$$ PUBLICATION trust', $publisher->connstr('postgres')));
$subscriber->wait_for_subscription_sync($publisher, 'trust');

# One session all along: another would have nothing cached.
my $session = $subscriber->background_psql('postgres');
my $postgrest = $subscriber->background_psql('postgres');
$postgrest->query_safe('LISTEN pgrst');
my $verdict = sub { return $session->query_safe("SELECT coalesce(error, 'ok') FROM jwt.check('$_[0]')") };

is($verdict->($token), 'ok', 'a token of the publisher');
$publisher->safe_psql('postgres', "SELECT jwt.revoke_key('https://a.example', '$kid')");
$publisher->wait_for_catchup('trust');
is($verdict->($token), 'no key for the token', 'not once its key is revoked there');
like($postgrest->query_safe('SELECT pg_sleep(1)'), qr/"pgrst" with payload "reload config"/, 'and PostgREST is told');

is($verdict->($other), 'ok', 'another issuer\'s does');
$publisher->safe_psql('postgres', 'TRUNCATE jwt.keys');
$publisher->wait_for_catchup('trust');
is($verdict->($other), 'no key for the token', 'not once all keys are gone');

$publisher->safe_psql('postgres', 'DELETE FROM jwt.issuers');
$publisher->wait_for_catchup('trust');
is($verdict->($token), q{token's issuer is not trusted}, 'nor once the issuer is');

$session->quit;
$postgrest->quit;
$subscriber->stop;
$publisher->stop;
done_testing();
