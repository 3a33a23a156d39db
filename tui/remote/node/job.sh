# Jobs on a node: start once, look, follow by byte offset, cancel, remove.  Nothing is installed for it.
# Called as: job VERB STATE_DIR CLUSTER [JOB_ID [WORD...]]  (remove-all: the beginning of JOB_ID)
#
#   STATE_DIR/jobs/JOB_ID/
#     script     what is run, byte for byte as it was sent      out     its output, append only
#     supervise  who runs it (supervise.sh)                     lock    held by the supervisor as long as it lives
#     started    "boot_id supervisor_pid epoch mode"            pgid    "process_group start_time" of the job
#     rc         exit code, written last                        cancelled, term   it was cancelled, it met a shutdown
#     refused    "token kind detail": the supervisor of the start with that token found that it must not begin
#
# Answers one line of key=value words per job, or refuses (refuse.sh), for one also where the place is not ours (place.sh).

# Process numbers are used again; a number together with its start time is not (within one boot).
# The process table is the kernel's, so it is never looked up below $R.
job_alive() {
  read -r pgid start_time < "$dir/pgid" || return 1
  stat=''
  while IFS= read -r line || [ -n "$line" ]; do stat=$stat$newline$line; done < "/proc/$pgid/stat" || return 1
  [ -n "$stat" ] || return 1
  stat=${stat##*) }
  [ "${stat%% *}" != Z ] || return 1
  # shellcheck disable=SC2086
  set -- $stat
  [ "${20}" = "$start_time" ]
} 2>/dev/null

# our_job: nothing in the job's directory, nor that itself, is somebody else's or leads elsewhere
our_job() {
  our_directory "$dir"
  for name in script supervise started pgid rc out lock launch cancelled term refused; do our_file "$dir/$name"; done
}

look() {
  state=none size=0 code='' started_boot='' supervisor='' epoch='' mode=''
  our_job
  [ -d "$dir" ] || return 0
  state=claimed
  if [ -e "$dir/started" ]; then
    read -r started_boot supervisor epoch mode < "$dir/started"
    # The lock is looked at only after "started" is there: a look can never make a supervisor lose the race for it.
    if [ -e "$dir/rc" ]; then state=exited
    elif [ -e "$dir/lock" ] && ! flock -n -s 9 9< "$dir/lock"; then state=running
    elif [ -e "$dir/rc" ]; then state=exited
    elif [ "$started_boot" != "$boot" ]; then state=rebooted
    elif job_alive; then state=orphan
    else state=lost
    fi
  fi
  if [ "$state" = exited ]; then read -r code < "$dir/rc"; fi
  # The size comes last: whoever has that many bytes of an ended job has them all.
  size=$(stat -c %s "$dir/out" 2>/dev/null)
}

# tell [SHA256_OF_SCRIPT]
tell() {
  cancelled='' term=''
  if [ -e "$dir/cancelled" ]; then cancelled=1; fi
  if [ -e "$dir/term" ]; then term=1; fi
  last_job
  printf 'id=%s state=%s code=%s size=%s started_boot=%s epoch=%s cancelled=%s term=%s sha256=%s boot=%s last=%s\n' \
    "$id" "$state" "$code" "${size:-0}" "$started_boot" "$epoch" \
    "$cancelled" "$term" "${1:-}" "$boot" "$last"
}

# tell_all: with the sum of the script, for who has to know that it is his
tell_all() {
  sum=$(sha256sum < "$dir/script" 2> /dev/null)
  tell "${sum%% *}"
}

need_tools() {
  for tool in flock setsid sha256sum stat tail mktemp sync; do
    command -v "$tool" > /dev/null || refuse tool-missing "$tool"
  done
}

# stage SUPERVISE_BYTES SCRIPT_BYTES: both come on stdin.  Either the whole job appears under its name, or nothing.
stage() {
  if [ ! -d "$jobs" ]; then why=$(mkdir -p "$jobs" 2>&1) || refuse_because job-failed-to-start "$why"; fi
  stage=$(mktemp -d "$jobs/.stage.XXXXXX" 2>&1) || refuse_because job-failed-to-start "$stage"
  why=$( {
    head -c "$1" > "$stage/supervise" && head -c "$2" > "$stage/script" &&
      printf %16384s '' > "$stage/reserve" && : > "$stage/out" && : > "$stage/launch" &&
      { sync "$stage/script" "$stage/supervise" "$stage" 2>/dev/null || sync; }
  } 2>&1)
  got=$?
  if [ "$got" -ne 0 ] || [ "$(stat -c %s "$stage/supervise" "$stage/script")" != "$1$newline$2" ]; then
    rm -rf "$stage"
    [ "$got" -eq 0 ] || refuse_because job-failed-to-start "$why"
    exit 65 # the connection was cut while the script was on its way; nobody is left to hear an answer
  fi
  mv -T "$stage" "$dir" 2>/dev/null || rm -rf "$stage" # exactly one of several starters wins
}

# launch WORD...: for the supervisor, after its directory and mode
launch() {
  if [ -e "$dir/refused" ]; then rm -f "$dir/refused"; fi
  if [ -d "$R/run/systemd/system" ] && command -v systemd-run >/dev/null; then
    # A unit of its own: restarting sshd, a package's scriptlets or logind cannot take the job along.  What the job
    # started lives on when it has ended.
    count=$#
    set -- "$@" --quiet --collect "--unit=$unit" -p KillMode=process -p TimeoutStopSec=30 -p IgnoreSIGPIPE=no
    if [ -n "$R" ]; then set -- "$@" "--setenv=ROLLCALL_SYSROOT=$R"; fi
    set -- "$@" /bin/sh "$dir/supervise" "$dir" systemd
    while [ "$count" -gt 0 ]; do
      count=$((count - 1))
      set -- "$@" "$1"
      shift
    done
    systemd-run "$@" < /dev/null > /dev/null 2> "$dir/launch"
  else
    setsid /bin/sh "$dir/supervise" "$dir" setsid "$@" < /dev/null > /dev/null 2> "$dir/launch" &
  fi
  tries=0
  while [ ! -e "$dir/started" ] && [ ! -e "$dir/refused" ] && [ "$tries" -lt 500 ]; do
    tries=$((tries + 1))
    sleep 0.01
  done
}

# refused_start: the supervisor's own word on this very start, if it has one
refused_start() {
  if [ -e "$dir/started" ]; then return; fi
  kind='' detail=''
  { read -r whose kind detail < "$dir/refused"; } 2>/dev/null || return 0
  if [ "$whose" = "$token" ]; then refuse "$kind" "$detail"; fi
}

# start SUPERVISE_BYTES SCRIPT_BYTES CHANGES CONSOLE DEADLINE AFTER BOOT: the last five are the supervisor's (supervise.sh)
start() {
  run_place
  place=$place_of_jobs
  our_job
  if [ -n "$3" ]; then
    busy_with
    if [ -n "$busy" ]; then refuse node-busy "$busy"; fi
  fi
  [ -d "$dir" ] || stage "$1" "$2"
  { read -r token _ < /proc/uptime; } 2> /dev/null
  token=$$.$token
  if [ ! -e "$dir/started" ]; then launch "$id" "$token" "$run" "$3" "$4" "$5" "$6" "$7"; fi
  refused_start
  look
  # Nobody may be told that it did not start, and then it does: it is called off under the lock, or else a supervisor
  # has that (waiting for a busy disk) and is waited for.
  tries=0
  while [ "$state" = claimed ] && [ ! -e "$dir/cancelled" ] && [ "$tries" -lt 60 ]; do
    tries=$((tries + 1))
    why=$(flock -w 1 "$dir/lock" sh -c '[ -e "$1/started" ] || : > "$1/cancelled"' sh "$dir" 2>&1)
    refused_start
    look
    if [ "$state" = claimed ] && { [ -e "$dir/cancelled" ] || [ -n "$why" ]; }; then
      refuse_because job-failed-to-start "the supervisor did not start: $(head -n 1 "$dir/launch")$why"
    fi
  done
  tell_all
}

# follow OFFSET: raw bytes on stdout, the verdict on stderr.  Ends when the job ends, even if what it left behind
# keeps its output open, and when the client closes stdin.
follow() {
  exec 3<&0
  look
  # tail is told to watch a child of ours, not the supervisor: where nobody reaps orphans (a container without an
  # init), a supervisor that has ended would look alive for ever.
  watch=
  case $state in
    running) flock -s 9 9< "$dir/lock" & watch=$! ;;
    orphan) { while job_alive; do sleep 0.2; done; } & watch=$! ;;
  esac
  if [ "$state" = none ] || [ "$state" = claimed ]; then :
  elif [ -n "$watch" ]; then
    tail -c "+$(($1 + 1))" -f -s 0.02 "--pid=$watch" "$dir/out" &
    tail=$!
    { while read -r _; do :; done <&3; kill "$tail"; } &
    client=$!
    wait "$tail"
    kill "$client" "$watch"
  else
    tail -c "+$(($1 + 1))" "$dir/out"
  fi 2> /dev/null
  look
  tell >&2
}

# remove_jobs PREFIX: remove every job whose id begins so, and what is empty then; the first that still runs ends it
remove_jobs() {
  for dir in "$jobs/$1"*/; do
    dir=${dir%/} id=${dir##*/}
    if [ -d "$dir" ]; then remove; fi
  done
  leave_place
}

remove() {
  look
  case $state in
    none) ;;
    running | orphan) refuse job-busy "the job still runs" ;;
    *)
      : > "$dir/cancelled"
      # Under the lock, so that a supervisor that is just starting cannot run a job that goes away; one that
      # is just ending still has it for a moment.
      gone=$jobs/.gone.$id.$$
      why=$(flock -w 5 "$dir/lock" mv -T "$dir" "$gone" 2>&1) || refuse job-busy "${why:-the job is just starting}"
      rm -rf "$gone"
      ;;
  esac
  look
  tell
}

job() {
  umask 077
  verb=$1 state_dir=$2 cluster=$3 id=${4:-} unit=rollcall-job-${4:-}
  case $verb in
    start) need_tools; own_place "$state_dir" "$cluster" ;;
    prepare) own_place "$state_dir" "$cluster" ;;
    *) check_place "$state_dir" "$cluster" ;;
  esac
  jobs=$place/jobs dir=$place/jobs/$id run=''
  place_of_jobs=$place
  case $verb in
    list | status | search)
      safe_place /run/rollcall
      if [ -z "$missing" ]; then run=$place; our_file "$run/last"; fi
      place=$place_of_jobs
      ;;
  esac
  boot=
  read -r boot < "$R"/proc/sys/kernel/random/boot_id
  case $verb in
    prepare) prepare; return ;;
    list)
      for dir in "$jobs"/*/; do
        dir=${dir%/} id=${dir##*/}
        if [ -e "$dir/script" ]; then look; tell; fi
      done
      return
      ;;
  esac
  case $id in '' | .* | *[!A-Za-z0-9._-]*) refuse bad-job-id "$id" ;; esac
  shift 4
  case $verb in
    status) look; tell_all ;;
    remove-all) remove_jobs "$id" ;;
    start | follow | cancel | remove | void | search) "$verb" "$@" ;;
  esac
}
