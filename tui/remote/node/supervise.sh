# Runs one job and outlives the connection that asked for it.  Called as: supervise JOB_DIR MODE
# Whoever gets the lock first and finds no "started" runs the job: at most once, whatever else happens.

cd "$1" || exit 1
umask 077
exec 9>lock
flock -n 9 || exit 0
if [ -e started ] || [ -e cancelled ]; then exit 0; fi

on_disk() { sync "$@" 2>/dev/null || sync; }

# put NAME TEXT: the file appears whole or not at all.  The stage's reserve makes room on a full disk.
put() {
  until printf '%s\n' "$2" > "$1.tmp" && on_disk "$1.tmp" && mv "$1.tmp" "$1" && on_disk .; do
    [ -e reserve ] || return 1
    rm -f reserve
  done
}

# A shutdown sends TERM to the job and to us: note it, and still write down how the job ended.
trap '' HUP PIPE INT
trap ': > term' TERM

read -r boot < "$R"/proc/sys/kernel/random/boot_id
put started "$boot $$ $(date +%s) $2" || exit 1

dir=$PWD
user=$(id -un 2>/dev/null)
home=$(eval "echo ~$user" 2>/dev/null)
if [ -n "$R" ]; then home=$R/root; fi
set -- "HOME=${home:-/root}" "USER=${user:-root}" "LOGNAME=${user:-root}" SHELL=/bin/sh TERM=dumb
set -- "$@" "PATH=$PATH" "R=$R" LC_ALL=C
if [ -n "$R" ]; then set -- "$@" "ROLLCALL_SYSROOT=$R"; fi

# The job is the leader of a session and process group of its own; the number is known before it runs.  Until then
# the job holds the lock too: there is no moment in which it is on its way and nobody could tell.
(
  trap - HUP PIPE INT TERM
  cd "$R/" || exit 126
  exec setsid env -i "$@" /bin/sh -c '
    umask 077
    stat=$(cat "/proc/$$/stat"); stat=${stat##*) }
    set -- "$1" $stat
    echo "$$ ${21}" > "$1/pgid.tmp" && mv "$1/pgid.tmp" "$1/pgid"
    exec 9>&-
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
