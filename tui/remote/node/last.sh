# Which job that changes the node was the last to begin in this boot: what tells a start that never came from one that did.
#
#   /run/rollcall/last       "job_id boot_id", written by its supervisor before its first command; "fresh-NONCE boot_id"
#                            before any.  Gone, or of another boot: it cannot be told.
#   /run/rollcall/node.lock  held by the supervisor of such a job: one at a time

# run_place: sets run to our directory that dies with the boot, made if need be
run_place() {
  safe_place /run/rollcall
  run=$place
  if [ -n "$missing" ]; then
    why=$(mkdir -p "${run%/*}" 2>&1 && mkdir -m 700 "$run" 2>&1) || [ -d "$run" ] || refuse_because unsafe-place "$why"
  fi
  for name in last node.lock claim; do our_file "$run/$name"; done
}

# last_job: sets last to the last job begun in this boot that changes the node; empty: that cannot be told
last_job() {
  last='' last_boot=''
  if [ -n "$run" ]; then { read -r last last_boot < "$run/last"; } 2>/dev/null; fi
  if [ -z "$last_boot" ] || [ "$last_boot" != "$boot" ]; then last=''; fi
}

# fresh_last: a word for "no such job has begun yet" that nobody has used before; under the node's lock
fresh_last() {
  nonce=$(head -c 8 /dev/urandom | od -A n -t x1 | tr -d ' \n')
  last=fresh-$nonce
  printf '%s %s\n' "$last" "$boot" > "$run/last.tmp" && mv -f -T "$run/last.tmp" "$run/last"
}

# some_last: sets last, and makes the record where no job of this boot has left one
some_last() {
  last_job
  if [ -n "$last" ]; then return; fi
  exec 8>> "$run/node.lock"
  if flock -n 8; then
    last_job
    if [ -z "$last" ]; then fresh_last || refuse unsafe-place "$run/last cannot be written"; fi
  fi
  exec 8>&-
}

# prepare: what a start that changes the node has to know: the last such job in this boot, and how long it has been up
prepare() {
  run_place
  some_last
  uptime=''
  { read -r uptime _ < "$R/proc/uptime" || read -r uptime _ < /proc/uptime; } 2>/dev/null
  printf 'last=%s boot=%s uptime=%s\n' "$last" "$boot" "${uptime%%.*}"
}

# void LAST: make sure that the job, which has not begun if LAST still is the last one, can never begin; else it says so
void() {
  run_place
  look
  exec 8>> "$run/node.lock"
  flock -w 5 8 || refuse node-busy ''
  last_job
  if [ "$last" = "$1" ] && [ ! -e "$dir/started" ]; then
    if [ -d "$dir" ]; then : > "$dir/cancelled"; fi
    fresh_last || refuse unsafe-place "$run/last cannot be written"
    printf 'void=1 last=%s boot=%s\n' "$last" "$boot"
  else
    printf 'void=0 last=%s boot=%s\n' "$last" "$boot"
  fi
}

# busy_with: sets busy to the last job that changes the node if it still runs, also without its supervisor
busy_with() {
  busy=''
  last_job
  case $last in '' | fresh-* | "$id") return ;; esac
  mine_is=$dir
  dir=$jobs/$last
  if job_alive; then busy=$last; fi
  dir=$mine_is
}
