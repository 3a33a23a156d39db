# Runs one job and outlives the connection that asked for it.
# Called as: supervise JOB_DIR MODE JOB_ID TOKEN RUN_DIR CHANGES CONSOLE DEADLINE AFTER BOOT
# Whoever gets the lock first and finds no "started" runs the job: at most once, whatever else happens.
# A job that CHANGES the node begins only if, under the node's lock, nobody else leads (CONSOLE), it is not later
# than DEADLINE (seconds of uptime), and no job has begun since AFTER was the last one in the boot BOOT.

cd "$1" || exit 1
umask 077
exec 9>lock
flock -n 9 || exit 0
if [ -e started ] || [ -e cancelled ]; then exit 0; fi
mode=$2 id=$3 token=$4 run=$5 changes=$6 console=$7 deadline=$8
shift 8
after=$1 expected=$2

on_disk() { sync "$@" 2>/dev/null || sync; }

# put NAME TEXT: the file appears whole or not at all.  The stage's reserve makes room on a full disk.
put() {
  until printf '%s\n' "$2" > "$1.tmp" && on_disk "$1.tmp" && mv "$1.tmp" "$1" && on_disk .; do
    [ -e reserve ] || return 1
    rm -f reserve
  done
}

# will_not KIND TEXT: for the start that waits for an answer, and for nobody else
will_not() {
  printf '%s %s %s\n' "$token" "$1" "$2" > refused.tmp && mv refused.tmp refused
  exit 0
}

say_last() { printf '%s %s\n' "$1" "$boot" > "$run/last.tmp" && mv -f -T "$run/last.tmp" "$run/last"; }

# may_begin: else it says why not, and the job never begins by this start
may_begin() {
  exec 8>> "$run/node.lock"
  last='' last_boot=''
  { read -r last last_boot < "$run/last"; } 2>/dev/null
  if [ "$last_boot" != "$boot" ]; then last=''; fi
  flock -n 8 || will_not node-busy "$last"
  if [ -n "$expected" ] && [ "$expected" != "$boot" ]; then will_not other-boot "$boot"; fi
  if [ "$last" = "$id" ]; then will_not began-before "$last"; fi
  if [ -n "$after" ] && [ "$last" != "$after" ]; then will_not overtaken "$last"; fi
  if [ -n "$console" ]; then
    # No other console takes the machine over between this look and the word that the job begins.
    exec 7>> "$run/claim.lock"
    flock -s -w 10 7 || will_not node-busy "a console that claims the machine"
    leader='' at=''
    { read -r leader && read -r _ && read -r at; } 2>/dev/null < "$run/claim"
    if [ "$leader" != "id=$console" ] || [ "$at" != "at=$boot" ]; then
      will_not not-the-leader "${leader:-nobody}"
    fi
  fi
  uptime=''
  { read -r uptime _ < "$R/proc/uptime" || read -r uptime _ < /proc/uptime; } 2>/dev/null
  if [ -n "$deadline" ] && [ -n "$uptime" ] && [ "${uptime%%.*}" -gt "$deadline" ]; then
    will_not late "$((${uptime%%.*} - deadline))"
  fi
  say_last "$id" || will_not run-unwritable "$run"
  exec 7>&-
}

# A shutdown sends TERM to the job and to us: note it, and still write down how the job ended.
trap '' HUP PIPE INT
trap ': > term' TERM

read -r boot < "$R"/proc/sys/kernel/random/boot_id
if [ -n "$changes" ]; then may_begin; fi
if ! put started "$boot $$ $(date +%s) $mode"; then
  if [ -n "$changes" ]; then say_last "$last"; fi # no command of it has run
  exit 1
fi

dir=$PWD
user=$(id -un 2>/dev/null)
home=$(eval "echo ~$user" 2>/dev/null)
if [ -n "$R" ]; then home=$R/root; fi
set -- "HOME=${home:-/root}" "USER=${user:-root}" "LOGNAME=${user:-root}" SHELL=/bin/sh TERM=dumb
set -- "$@" "PATH=$PATH" "R=$R" LC_ALL=C "ROLLCALL_JOB=$id"
if [ -n "$R" ]; then set -- "$@" "ROLLCALL_SYSROOT=$R"; fi

# The job is the leader of a session and process group of its own; the number is known before it runs.  Until then
# the job holds the locks too: there is no moment in which it is on its way and nobody could tell.  Not longer: what
# it starts may live for weeks.
(
  trap - HUP PIPE INT TERM
  cd "$R/" || exit 126
  exec setsid env -i "$@" /bin/sh -c '
    umask 077
    IFS= read -r stat < "/proc/$$/stat"; stat=${stat##*) }
    set -- "$1" $stat
    echo "$$ ${21}" > "$1/pgid.tmp" && mv "$1/pgid.tmp" "$1/pgid"
    exec 8>&- 9>&-
    umask 022
    exec /bin/sh "$1/script"' sh "$dir"
) >> out 2>&1 < /dev/null
code=$?

rm -f reserve
tries=0
until put rc "$code" || [ "$tries" -ge 60 ]; do
  tries=$((tries + 1))
  sleep 1
done
