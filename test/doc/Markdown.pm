# Markdown.pm: as much of Markdown as the documentation uses: fenced blocks, the
# comments that direct them, headings and links.
package Markdown;

use strict;
use warnings;

sub slurp
{
	my ($path) = @_;
	open my $fh, '<:encoding(UTF-8)', $path or die "$path: $!\n";
	local $/;
	return scalar <$fh>;
}

# A heading's anchor, as GitHub makes it.
sub slug
{
	my ($heading) = @_;
	$heading =~ s/\[([^\]]*)\]\([^)]*\)/$1/g;
	$heading = lc $heading;
	$heading =~ s/[^\w\- ]//g;
	$heading =~ tr/ /-/;
	return $heading;
}

# The file's blocks in order, each { line, lang, text, <directive> => value }.
# A comment directs the block that follows it; a "let" holds for the whole file;
# and a comment can be a block itself, which runs and is not shown.
# A block in "text" right after one that runs is what that one prints.
sub parse
{
	my ($path) = @_;
	my $file = { path => $path, blocks => [], let => [], links => [], anchors => {} };
	my (%directive, $block, %seen);
	my $number = 0;

	for my $line (split /\n/, slurp($path))
	{
		$number++;
		if ($block)
		{
			if ($line =~ /^$block->{end}\s*$/) { undef $block; }
			else { $block->{text} .= substr($line, 0, $block->{indent}) =~ /\S/ ? "$line\n" : substr($line, $block->{indent}) . "\n"; }
		}
		elsif ($line =~ /^((\s*)```+)(\w*)\s*$/)
		{
			$block = { %directive, end => $1, indent => length $2, lang => $3, line => $number, text => '' };
			%directive = ();
			my $last = $file->{blocks}[-1];
			if ($block->{lang} eq 'text' && $last && $file->{adjacent})
			{
				$last->{expected} = $block;
			}
			else
			{
				push @{ $file->{blocks} }, $block;
				$file->{adjacent} = $block->{lang} =~ /^(sql|sh)$/;
			}
		}
		elsif ($line =~ /^<!-- (sql|sh)$/)
		{
			$block = { end => '-->', indent => 0, lang => $1, line => $number, text => '' };
			push @{ $file->{blocks} }, $block;
		}
		elsif ($line =~ /^\s*<!-- (let|error|not run|file): (.*?) -->\s*$/)
		{
			if ($1 eq 'let') { push @{ $file->{let} }, [ split / = /, $2, 2 ]; }
			else { $directive{$1} = $2; }
		}
		elsif ($line =~ /\S/)
		{
			%directive = ();
			$file->{adjacent} = 0;
			if ($line =~ /^#+\s+(.*?)\s*$/)
			{
				my $slug = slug($1);
				my $n = $seen{$slug}++;
				$file->{anchors}{ $n ? "$slug-$n" : $slug } = 1;
			}
			my $prose = $line =~ s/`[^`]*`//gr;
			push @{ $file->{links} }, [ $number, $1 ] while $prose =~ /\]\(([^)\s]+)\)/g;
		}
	}
	die "$path: a block begins at line $block->{line} and does not end\n" if $block;
	return $file;
}

1;
