#!/usr/bin/perl
#
# Execute the documentation's examples, in order, each file in a fresh database
# that has the extension (unless the file creates it), in one psql session whose
# folder is the file's; and follow every link within the repository.  Prints TAP.
#
# A block in ```sql or ```sh is run and must not fail.  A block in ```text right
# after it is what it prints (Normal.pm tells what may differ).  Before a block
# may stand, as an HTML comment in a line of its own:
#
#	error: JW033         this SQL fails, with this SQLSTATE and no other
#	not run: reason      shown, not run
#	file: path           what the block shows is part of that file, literally
#
# A comment that begins with a line "<!-- sql" or "<!-- sh" is run and not shown;
# and anywhere may stand
#
#	let: this = that     where the document says this, that is run instead;
#	                     in that, TMP is a folder of the server's account
#
# Roles that examples create and settings that they ALTER SYSTEM are undone.
#
use strict;
use warnings;
use Cwd qw(abs_path getcwd);
use File::Basename;
use File::Find;
use File::Temp qw(tempdir);
use Markdown;
use Normal;
use Test::More;

my $DATABASE = 'oauth_jwt_doc';
my $TIMEOUT = $ENV{DOC_TIMEOUT} || 120;
my $RELOAD = 0.5;                 # seconds that a reload may take to arrive
my @prefix = split ' ', $ENV{DOC_SHELL_PREFIX} || '';
my $top = getcwd();

binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output todo_output);

sub all_documents
{
	my @found;
	find({ no_chdir => 1, wanted => sub { push @found, $_ if /\.md$/ } }, 'doc');
	return ('README.md', 'CHANGELOG.md', sort @found);
}

# A value that psql computes on the maintenance database.
sub ask
{
	my ($sql) = @_;
	open my $psql, '-|', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres', '-c', $sql
	  or die "psql: $!\n";
	my $answer = do { local $/; <$psql> };
	close $psql or die "psql failed: $sql\n";
	return $answer;
}

sub write_file
{
	my ($path, $text) = @_;
	open my $fh, '>:encoding(UTF-8)', $path or die "$path: $!\n";
	print $fh $text;
	close $fh or die "$path: $!\n";
	return;
}

# ---- links ----

my %parsed;

sub document
{
	my ($path) = @_;
	return $parsed{$path} ||= Markdown::parse($path);
}

sub resolve
{
	my ($from, $link) = @_;
	my $path = $link eq '' ? $from : dirname($from) . "/$link";
	my $real = abs_path($path) or return;
	return unless $real =~ s/^\Q$top\E\///;
	return -e $real ? $real : undef;
}

sub check_links
{
	my ($file) = @_;
	my @broken;
	for (@{ $file->{links} })
	{
		my ($line, $link) = @$_;
		next if $link =~ /^(https?|mailto):/;
		my ($path, $anchor) = split /#/, $link, 2;
		my $target = resolve($file->{path}, $path);
		if (!defined $target) { push @broken, "line $line: $link: no such file"; }
		elsif ($target =~ /\.md$/)
		{
			push @broken, "line $line: $link: no such heading"
			  if defined $anchor && !document($target)->{anchors}{$anchor};
			$file->{leads_to}{$target} = 1;
		}
	}
	ok(!@broken, "$file->{path}: links lead somewhere") or diag join "\n", @broken;
	return;
}

# Every page can be reached from the README.
sub check_reach
{
	my (@pages) = @_;
	my @queue = ('README.md');
	my %reached = ('README.md' => 1);
	while (my $page = shift @queue)
	{
		push @queue, grep { !$reached{$_}++ } keys %{ document($page)->{leads_to} || {} };
	}
	my @lost = grep { !$reached{$_} } @pages;
	ok(!@lost, 'every page can be reached from README.md') or diag "not reached: @lost";
	return;
}

# ---- blocks ----

sub check_quotation
{
	my ($file, $block) = @_;
	my $name = "$file->{path}:$block->{line}: quotes $block->{file}";
	if (!-f $block->{file}) { fail($name); return; }
	ok(index(Markdown::slurp($block->{file}), $block->{text}) >= 0, $name);
	return;
}

sub is_run
{
	my ($block) = @_;
	return $block->{lang} =~ /^(?:sql|sh)$/ && !defined $block->{'not run'};
}

# What the document says, and what it stands for here.
sub replaced
{
	my ($text, @pairs) = @_;
	$text =~ s/\Q$_->[0]\E/$_->[1]/g for @pairs;
	return $text;
}

# One script for psql: marks in both outputs tell which block printed what.
sub write_script
{
	my ($file, $tmp, @let) = @_;
	my $script = "\\pset pager off\n";
	for my $i (0 .. $#{ $file->{run} })
	{
		my $block = $file->{run}[$i];
		my $text = replaced($block->{text}, @let);
		$script .= "\\echo '\@\@block $i'\n\\warn '\@\@block $i'\n"
		  . "\\set ON_ERROR_STOP off\n\\set LAST_ERROR_SQLSTATE 00000\n";
		if ($block->{lang} eq 'sh')
		{
			# Root's home is closed to that account, and pg_dump warns of it.
			write_file("$tmp/$i.sh", qq{cd "\$PWD" 2>/dev/null || cd /\nset -eu\n$text});
			$script .= "\\! @prefix bash $tmp/$i.sh; echo \@\@status \$?\n";
		}
		else { $script .= "$text\n\\echo '\@\@status ':LAST_ERROR_SQLSTATE\n"; }
		$script .= "SELECT pg_sleep($RELOAD) \\g /dev/null\n" if $text =~ /pg_reload_conf/;
	}
	write_file("$tmp/script.sql", $script);
	return;
}

# Both outputs, cut at the marks: block number -> text.
sub outputs
{
	my ($path) = @_;
	my ($head, @parts) = split /^\@\@block (\d+)\n/m, Markdown::slurp($path), -1;
	return @parts;
}

sub run_file
{
	my ($file, $tmp) = @_;
	my $folder = dirname($file->{path});
	$ENV{PGDATABASE} = $DATABASE;
	my $status = system("cd '$folder' && timeout $TIMEOUT psql -Xq <'$tmp/script.sql' >'$tmp/out' 2>'$tmp/err'");
	delete $ENV{PGDATABASE};
	my %out = outputs("$tmp/out");
	my %err = outputs("$tmp/err");
	return ($status, \%out, \%err);
}

sub check_block
{
	my ($file, $block, $out, $err, @let) = @_;
	my $name = "$file->{path}:$block->{line}: $block->{lang}";
	my $wanted = $block->{error} || ($block->{lang} eq 'sql' ? '00000' : '0');
	my $status = defined $out && $out =~ s/^\@\@status (\S+)\n//m ? $1 : 'none: psql stopped';
	my $printed = replaced(($out || '') . ($err || ''), map { [ reverse @$_ ] } @let);
	my @errors = $printed =~ /^(?:ERROR|FATAL|PANIC): /mg;
	my $count = $block->{error} ? 1 : 0;

	$name .= ", fails with $block->{error}" if $block->{error};
	my $ok = ok($status eq $wanted && ($block->{lang} eq 'sh' || @errors == $count), $name);
	diag "status $status\n$printed" unless $ok;

	my $expected = $block->{expected} or return;
	$name = "$file->{path}:$expected->{line}: is what it prints";
	ok(Normal::matches($printed, $expected->{text}), $name) or diag $printed;
	return;
}

sub check_blocks
{
	my ($file) = @_;
	$file->{run} = [ grep { is_run($_) } @{ $file->{blocks} } ];
	return unless @{ $file->{run} };

	my $tmp = tempdir('oauth_jwt-doc-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $own = "$tmp/own";
	mkdir $own or die "$own: $!\n";
	chmod 0711, $tmp;
	system("chown \"\$(@prefix id -un)\" '$own'") == 0 or die "chown: $own\n" if @prefix;
	my @let = map { [ $_->[0], $_->[1] =~ s/\bTMP\b/$own/gr ] } @{ $file->{let} };

	write_script($file, $tmp, @let);
	ask("CREATE DATABASE $DATABASE TEMPLATE template0 ENCODING 'UTF8'");
	if (!grep { $_->{text} =~ /^CREATE EXTENSION oauth_jwt\b/m } @{ $file->{run} })
	{
		system('psql', '-Xq', '-d', $DATABASE, '-c', 'CREATE EXTENSION oauth_jwt') == 0 or die "no extension\n";
	}
	my ($status, $out, $err) = run_file($file, $tmp);
	check_block($file, $file->{run}[$_], $out->{$_}, $err->{$_}, @let) for 0 .. $#{ $file->{run} };
	is($status, 0, "$file->{path}: psql came to the end");
	return;
}

# ---- the whole ----

my $roles = "SELECT string_agg(quote_ident(rolname), ',' ORDER BY rolname) FROM pg_roles WHERE rolname !~ '^pg_'";

sub tidy_up
{
	my ($file, $before) = @_;
	ask("DROP DATABASE IF EXISTS $DATABASE WITH (FORCE)");
	my %old = map { $_ => 1 } split /,/, $before;
	ask("DROP ROLE $_") for grep { !$old{$_} } split /,/, ask($roles) =~ s/\n//r;
	return unless grep { $_->{text} =~ /^ALTER SYSTEM/m } @{ $file->{blocks} };
	ask('ALTER SYSTEM RESET ALL');
	ask("SELECT pg_reload_conf(), pg_sleep($RELOAD)");
	return;
}

$ENV{PGOPTIONS} = '-c client_min_messages=warning';
my @documents = all_documents();
my @chosen = @ARGV ? @ARGV : @documents;
chomp(my $before = ask($roles));
ask("DROP DATABASE IF EXISTS $DATABASE WITH (FORCE)");

for my $path (@chosen)
{
	my $file = document($path);
	check_links($file);
	check_quotation($file, $_) for grep { defined $_->{file} } @{ $file->{blocks} };
	check_blocks($file);
	tidy_up($file, $before);
}
check_reach(@documents) unless @ARGV;
done_testing();
