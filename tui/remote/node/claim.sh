# A console's claim on this machine: who may act on it, decided by the machine itself, whatever the clocks of consoles
# and whatever any file of theirs says.
# Called as: claim VERB PLACE [WORD...]
#
#   PLACE/claim         "id=ID", "since=EPOCH", "at=BOOT_ID", then the holder's own key=value lines.  Missing, empty or
#                       of another boot: the machine is free.
#   PLACE/beat          empty; its time of modification is the holder's last sign of life.  Each look of the holder
#                       renews it, without a fork and without a byte.
#   PLACE/claim.broken  the record of a claim that a person broke, and who that was; until the next holder has read it.
#   PLACE/claim.lock    locked while one of these verbs works; it stays.
#
# Answers "state=STATE age=SECONDS now=EPOCH boot=BOOT_ID", then the holder's lines after "held " and the broken
# record's after "broken ", or refuses (refuse.sh).

# alone COMMAND...: no other console's command runs meanwhile.
alone() {
  for tool in flock stat; do
    command -v "$tool" > /dev/null || refuse tool-missing "$tool"
  done
  tries=0 got=1
  while [ "$got" -ne 0 ] && [ "$got" -ne 75 ] && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    why=$( { mkdir -p "$place" && : >> "$file.lock"; } 2>&1) || {
      [ "$tries" -lt 10 ] || refuse_because lock-failed "$why"
      continue
    }
    (
      flock -w 10 9 || exit 75
      [ "$file.lock" -ef /proc/self/fd/9 ] || exit 76 # removed between the opening and the lock
      "$@"
    ) 9>> "$file.lock"
    got=$?
  done
  [ "$got" -eq 0 ] || refuse lock-failed "other consoles are busy with it; try again"
}

look() {
  # The clock by which the files' times are kept: a process's own entry in /proc is as old as its first look at it.
  now=$(stat -L -c %Y /proc/self 2> /dev/null) || now=$(date +%s)
  boot=-
  { read -r boot < "$R"/proc/sys/kernel/random/boot_id; } 2> /dev/null
  lines=$(head -c 4096 "$file" 2> /dev/null)
  beat=$(stat -c %Y "$place/beat" 2> /dev/null || stat -c %Y "$file" 2> /dev/null)
  broken=$(head -c 4096 "$file.broken" 2> /dev/null)
  holder='' age=''
  case "
$lines
" in
    *"
at=$boot
"*) ;;
    *"
at="*) lines='' ;;
  esac
  if [ -n "$lines" ] && [ -n "$beat" ]; then
    holder=${lines%%"
"*}
    case $holder in id=*) holder=${holder#id=} ;; *) holder=unreadable ;; esac
    age=$((now - beat))
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
  printf 'state=%s age=%s now=%s boot=%s\n' "$1" "$age" "$now" "$boot"
  each held "$lines"
  each broken "$broken"
}

# put NAME TEXT: the whole file or nothing of it.  It need not outlive a power cut, after which it would not count.
put() {
  why=$( { printf '%s\n' "$2" > "$1.new" && mv -f -T "$1.new" "$1"; } 2>&1) && return
  rm -f "$1.new"
  refuse_because lock-failed "$why"
}

take_alone() {
  look
  case $holder in
    "$1") tell taken; return ;; # the answer to an earlier request was lost
    '' | "$2") ;;
    *) tell held; return ;;
  esac
  why=$( { : > "$place/beat"; } 2>&1) || refuse_because lock-failed "$why"
  run=$place
  some_last # each look then tells what a start has to know, and no start has to ask
  put "$file" "id=$1
since=$now
at=$boot
$words"
  lines='' age=0
  tell taken
}

renew_alone() {
  look
  if [ "$holder" != "$1" ]; then tell gone; return; fi
  why=$( { : > "$place/beat" && rm -f "$file.broken"; } 2>&1) || refuse_because lock-failed "$why"
  lines='' broken='' age=0
  tell renewed
}

drop_alone() {
  look
  if [ "$holder" != "$1" ]; then tell gone; return; fi
  why=$( { rm -f "$file.broken" && rm -f "$file" "$place/beat"; } 2>&1) || refuse_because lock-failed "$why"
  lines='' broken='' age=''
  tell dropped
}

break_alone() {
  look
  if [ -z "$holder" ]; then tell free
  elif [ "$holder" != "$1" ]; then tell held
  elif [ "$age" -lt "$2" ]; then tell fresh
  else
    broken="$lines
broken_at=$now
$words"
    put "$file.broken" "$broken"
    why=$(rm -f "$file" 2>&1) || refuse_because lock-failed "$why"
    lines='' age=''
    tell broken
  fi
}

# own_words BYTES: key=value lines from stdin, whole or not at all
own_words() {
  words=$(head -c "$1")
  [ "${#words}" -eq "$1" ] || exit 65 # the connection was cut on the way; nobody is left to hear an answer
}

claim() {
  umask 077
  verb=$1
  safe_place "$2"
  file=$place/claim
  for name in claim claim.lock beat last node.lock; do our_file "$place/$name"; done
  shift 2
  case $verb in
    # take ID REPLACES BYTES: the free machine, or the one whose record is still REPLACES
    take) own_words "$3"; alone take_alone "$1" "$2" ;;
    # renew ID: a sign of life; whatever was broken before has been read
    renew) if [ -e "$file" ]; then alone renew_alone "$1"; else look; tell gone; fi ;;
    # drop ID: give it back
    drop) if [ -e "$file" ]; then alone drop_alone "$1"; else look; tell gone; fi ;;
    # break ID AGE BYTES: take it from the one whose record is still ID, after AGE seconds without a sign of life
    break) own_words "$3"; if [ -e "$file" ]; then alone break_alone "$1" "$2"; else look; tell free; fi ;;
    show) look; if [ -n "$holder" ]; then tell held; else tell free; fi ;;
  esac
  exit 0
}
