# The status channel: one answer per request, for as long as the client keeps stdin open.
# A ping costs no fork. A probe runs beside the loop, so a slow one never holds up the pings; its lines carry
# its number and are shorter than PIPE_BUF, so that lines of two writers cannot run into each other.
#
#   (nothing)       ->  ready UID MACHINE_ID HOST_NAME
#   ping N          ->  pong N BOOT_ID UPTIME GLANCE
#   define LENGTH   +   the probe's script, which the following "probe" requests run
#   glance LENGTH   +   what a ping is to look at without a fork: a script that sets `seen` to one line
#   ask N LENGTH    +   a script that is run once, and answered as a probe is
#   probe N         ->  line N TEXT | part N TEXT (more of the line follows) ... done N EXIT BOOT_ID UPTIME

facts() {
  boot=- uptime=-
  { read -r boot < "$R"/proc/sys/kernel/random/boot_id; } 2>/dev/null
  { read -r uptime rest < "$R"/proc/uptime; } 2>/dev/null
}

# Prints lines of probe $1, many at a time: each print is a packet and a wake at both ends. What the probe said is
# taken as a whole, as a pipe into `read` costs a call for each byte; the shell's splitting leaves out blank lines.
relay() {
  number=$1 IFS=$newline batch=
  set -f
  set -- $2
  unset IFS
  for line; do
    if [ "${#line}" -gt 2000 ]; then
      printf %s "$batch"
      batch=
    fi
    while [ "${#line}" -gt 2000 ]; do
      head=$(printf %.2000s "$line")
      printf 'part %s %s\n' "$number" "$head"
      line=${line#"$head"}
    done
    batch="${batch}line $number $line$newline"
    if [ "${#batch}" -gt 2000 ]; then
      printf %s "$batch"
      batch=
    fi
  done
}

run_probe() {
  said=$( { (eval "$probe"); printf '\nexit %s' "$?"; } </dev/null 2>&1)
  exit_code=${said##*"$newline"}
  case $exit_code in
    'exit '*) said=${said%"$newline"*} exit_code=${exit_code#exit } ;;
    *) exit_code='' ;; # it was killed before it could tell
  esac
  relay "$1" "$said"
  facts
  printf '%sdone %s %s %s %s\n' "$batch" "$1" "$exit_code" "${boot:--}" "${uptime:--}"
}

newline='
'
probe=: glance=:
name=$(hostname || uname -n) 2>/dev/null
machine=
{ read -r machine < "$R"/etc/machine-id; } 2>/dev/null
printf 'ready %s %s %s\n' "$(id -u)" "${machine:--}" "${name:--}"
while IFS=' ' read -r verb word; do
  case $verb in
    ping)
      facts
      seen=
      eval "$glance"
      [ "${#seen}" -le 2000 ] || seen=$(printf %.2000s "$seen")
      printf 'pong %s %s %s %s\n' "$word" "${boot:--}" "${uptime:--}" "$seen"
      ;;
    glance) glance=$(head -c "$word") ;;
    define) probe=$(head -c "$word") ;;
    probe) run_probe "$word" & ;;
    ask)
      asked=$(head -c "${word#* }")
      { probe=$asked; run_probe "${word% *}"; } &
      ;;
  esac
done
