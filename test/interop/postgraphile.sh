#!/usr/bin/env bash
# The adaptor of doc/how-to/postgraphile.config.mjs, on a stand-in for the one of
# PostGraphile that it wraps: PostGraphile 5 itself needs a newer Node.js than
# Debian's.  The stand-in does what @dataplan/pg does, with one pooled connection.
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
need_node
trial=$work/postgraphile
rm -rf "$trial"
mkdir -p "$trial"
cp "$top/doc/how-to/postgraphile.config.mjs" "$here/peers/postgraphile.mjs" "$trial/"
module()	# NAME SUBPATH, its text on standard input
{
	mkdir -p "$trial/node_modules/$1"
	cat >"$trial/node_modules/$1/$(basename "$2").mjs"
}
module postgraphile presets/amber <<<'export const PostGraphileAmberPreset = {};'
module postgraphile adaptors/pg <<<'export const makePgService = (options) => ({ options });'
echo '{"exports": {"./presets/amber": "./amber.mjs", "./adaptors/pg": "./pg.mjs"}}' >"$trial/node_modules/postgraphile/package.json"
module @dataplan/pg adaptors/pg <"$here/peers/postgraphile_adaptor.mjs"
echo '{"exports": {"./adaptors/pg": "./pg.mjs"}}' >"$trial/node_modules/@dataplan/pg/package.json"
exec node "$trial/postgraphile.mjs"
