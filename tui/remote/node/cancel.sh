# Finding and ending what belongs to a job.

# search: whatever can be found of the job besides its directory
search() {
  look
  tell
  for found in $(marked_processes); do
    printf 'process=%s %s\n' "$found" "$(tr '\0' ' ' < "/proc/$found/cmdline" 2> /dev/null | head -c 200 | tr '\n' ' ')"
  done
}

# marked_processes: those whose environment holds the job's id; what they are is a person's to see
marked_processes() {
  # the first grep is quick and takes a longer id for ours, the second is exact
  for found in $(grep -F -l -s -e "ROLLCALL_JOB=$id" /proc/[0-9]*/environ 2> /dev/null); do
    found=${found#/proc/} found=${found%/environ}
    if tr '\0' '\n' < "/proc/$found/environ" 2> /dev/null | grep -F -q -x -e "ROLLCALL_JOB=$id"; then
      printf '%s\n' "$found"
    fi
  done
}

# signal NAME: to all that belongs to the job: its process group, what is in its unit besides the supervisor, and what
# left both (setsid) and still has its id.  Sets left to how many there were.
signal() {
  left=0
  if kill -s "$1" -- "-$pgid" 2> /dev/null; then left=1; fi
  inside=''
  if [ "$mode" = systemd ]; then inside=$(grep -F -l -s -e "/$unit.service" /proc/[0-9]*/cgroup 2> /dev/null); fi
  for found in $inside $(marked_processes); do
    found=${found#/proc/} found=${found%/cgroup}
    if [ "$found" != "$supervisor" ] && kill -s "$1" "$found" 2> /dev/null; then left=$((left + 1)); fi
  done
}

# cancel SECONDS: TERM to the job, KILL to what is left of it after that time.
cancel() {
  look
  if [ "$state" = claimed ]; then : > "$dir/cancelled"; fi
  # Never for a job of another boot or one that has ended: its number may be a stranger's by now, and what it has left
  # behind is what it was there to start.
  if [ "$state" = running ] || [ "$state" = orphan ]; then
    : > "$dir/cancelled"
    tries=0
    while [ ! -e "$dir/pgid" ] && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
    read -r pgid start_time < "$dir/pgid"
    tries=0
    signal TERM
    while [ "$tries" -lt "$(($1 * 10))" ]; do
      if ! kill -s 0 -- "-$pgid" 2> /dev/null; then
        signal 0
        [ "$left" -gt 0 ] || break
      fi
      tries=$((tries + 1))
      sleep 0.1
    done
    signal KILL
    tries=0
    while [ ! -e "$dir/rc" ] && job_alive && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
    tries=0
    while [ ! -e "$dir/rc" ] && ! flock -n -s "$dir/lock" true && [ "$tries" -lt 50 ]; do
      tries=$((tries + 1))
      sleep 0.1
    done
  fi
  look
  tell
}
