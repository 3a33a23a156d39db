# The lock of a cluster: who may act on it, decided by this one node, whatever the clocks of consoles say.
# Called as: lock VERB STATE_DIR [WORD...]
#
#   STATE_DIR/lock         "id=ID", "since=EPOCH", then the holder's own key=value lines.  Its time of modification is
#                          the holder's last sign of life: renewing writes no byte, so neither a full disk nor a power
#                          cut can hurt the record.  Missing or empty: the lock is free.
#   STATE_DIR/lock.broken  the record of a lock that a person broke, and who that was; until the first renewal by the
#                          next holder, which shows that it has been read.
#
# Answers "state=STATE age=SECONDS", then the holder's lines after "held " and the broken record's after "broken ",
# or refuses (refuse.sh).

on_disk() { sync "$@" 2>/dev/null || sync; }

# alone COMMAND...: no other console's command runs meanwhile.  Whatever replaces or removes the lock file lets the
# next one in, so a command touches nothing after that.
alone() {
  for tool in flock stat touch sync; do
    command -v "$tool" > /dev/null || refuse tool-missing "$tool"
  done
  tries=0 got=1
  while [ "$got" -ne 0 ] && [ "$got" -ne 75 ] && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    # A console that leaves removes the directory; then it is made again.
    own_place "$state_dir" ""
    why=$( { : >> "$file"; } 2>&1) || {
      [ "$tries" -lt 10 ] || refuse_because lock-failed "$why"
      continue
    }
    (
      flock -w 10 9 || exit 75
      [ "$file" -ef /proc/self/fd/9 ] || exit 76 # replaced between the opening and the lock
      "$@"
    ) 9>> "$file"
    got=$?
  done
  [ "$got" -eq 0 ] || refuse lock-failed "other consoles are busy with it; try again"
}

look() {
  lines=$(head -c 4096 "$file" 2> /dev/null)
  beat=$(stat -c %Y "$file" 2> /dev/null)
  broken=$(head -c 4096 "$file.broken" 2> /dev/null)
  holder='' age=''
  if [ -n "$lines" ] && [ -n "$beat" ]; then
    holder=${lines%%"
"*}
    case $holder in id=*) holder=${holder#id=} ;; *) holder=unreadable ;; esac
    age=$(($(date +%s) - beat))
    if [ "$age" -lt 0 ]; then age=0; fi
  fi
}

each() {
  if [ -n "$2" ]; then
    printf '%s\n' "$2" | while IFS= read -r line; do printf '%s %s\n' "$1" "$line"; done
  fi
}

# tell STATE: what was seen by look
tell() {
  printf 'state=%s age=%s\n' "$1" "$age"
  each held "$lines"
  each broken "$broken"
}

# put NAME TEXT: written beside the lock, not yet in its place
put() {
  why=$( { printf '%s\n' "$2" > "$1" && on_disk "$1"; } 2>&1) && return
  rm -f "$1"
  if [ ! -s "$file" ]; then rm -f "$file"; fi
  refuse_because lock-failed "$why"
}

take_alone() {
  look
  case $holder in
    "$1") tell taken; return ;; # the answer to an earlier request was lost
    '' | "$2") ;;
    *) tell held; return ;;
  esac
  put "$file.new" "id=$1
since=$(date +%s)
$words"
  why=$(mv -f -T "$file.new" "$file" 2>&1) || refuse_because lock-failed "$why"
  lines='' age=0
  tell taken
}

renew_alone() {
  look
  if [ "$holder" != "$1" ]; then tell gone; return; fi
  why=$( { touch -d "@$(date +%s)" "$file" && rm -f "$file.broken"; } 2>&1) || refuse_because lock-failed "$why"
  printf 'state=renewed age=0\n'
}

drop_alone() {
  look
  if [ "$holder" != "$1" ]; then tell gone; return; fi
  why=$( { rm -f "$file.broken" && rm -f "$file"; } 2>&1) || refuse_because lock-failed "$why"
  printf 'state=dropped age=\n'
}

break_alone() {
  look
  if [ -z "$holder" ]; then tell free
  elif [ "$holder" != "$1" ]; then tell held
  elif [ "$age" -lt "$2" ]; then tell fresh
  else
    put "$file.broken" "$lines
broken_at=$(date +%s)
$words"
    why=$(rm -f "$file" 2>&1) || refuse_because lock-failed "$why"
    tell broken
  fi
}

# own_words BYTES: key=value lines from stdin, whole or not at all
own_words() {
  words=$(head -c "$1")
  [ "${#words}" -eq "$1" ] || exit 65 # the connection was cut on the way; nobody is left to hear an answer
}

lock() {
  umask 077
  verb=$1 state_dir=$2
  shift 2
  check_place "$state_dir" ""
  file=$place/lock
  case $verb in
    # take ID REPLACES BYTES: the free lock, or the one whose record is still REPLACES
    take) own_words "$3"; alone take_alone "$1" "$2" ;;
    # renew ID: a sign of life
    renew) if [ -e "$file" ]; then alone renew_alone "$1"; else look; tell gone; fi ;;
    # drop ID: give it back
    drop)
      if [ -e "$file" ]; then alone drop_alone "$1"; else look; tell gone; fi
      leave_place
      ;;
    # break ID AGE BYTES: take it from the one whose record is still ID, after AGE seconds without a sign of life
    break) own_words "$3"; if [ -e "$file" ]; then alone break_alone "$1" "$2"; else look; tell free; fi ;;
    show) look; if [ -n "$holder" ]; then tell held; else tell free; fi ;;
  esac
  exit 0
}
