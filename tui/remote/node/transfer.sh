# Files, each of them whole or not at all; many of them in one stream, one after the other.
# Called as: transfer receive STATE_DIR CLUSTER DIRECTORY {NAME BYTES SHA256}...  (the files on stdin)
#            transfer send STATE_DIR CLUSTER DIRECTORY NAME...                    (the files on stdout)
# A name may lead into a directory below.  Answers "size=BYTES sha256=SUM" for each file (send: before the first of
# them), or refuses (refuse.sh).

# beside NAME: sets path to where it belongs, in a directory that is safe
beside() {
  case $1 in */*) safe_place "$directory/${1%/*}" ;; *) safe_place "$directory" ;; esac
  path=$place/${1##*/}
}

# gather: what stdin brings, into files named by numbers of one length
gather() {
  number=100000
  while [ $# -gt 0 ]; do
    number=$((number + 1))
    head -c "$2" > "$number" || return
    shift 3
  done
  sync -- * 2>/dev/null || sync
}

# expected: what sha256sum has to say of them
expected() {
  number=100000
  while [ $# -gt 0 ]; do
    number=$((number + 1))
    printf '%s  %s\n' "$3" "$number"
    shift 3
  done
}

receive() {
  case $directory in "$state_dir" | "$state_dir"/*) own_place "$state_dir" "$cluster" ;; esac
  safe_place "$directory"
  why=$(mkdir -p "$place" 2>&1) || refuse_because transfer "$why"
  stage=$(mktemp -d "$place/.rollcall.XXXXXX" 2>&1) || refuse_because transfer "$stage"
  cd "$stage" || refuse transfer "$stage is gone"
  why=$(gather "$@" 2>&1)
  got=$?
  if [ "$got" -ne 0 ] || [ "$(sha256sum -- *)" != "$(expected "$@")" ]; then
    rm -rf "$stage"
    refuse_because transfer "${why:-what arrived is not what was sent}"
  fi
  number=100000
  while [ $# -gt 0 ]; do
    number=$((number + 1))
    beside "$1"
    why=$(mkdir -p "$place" 2>&1 && mv -f -T "$number" "$path" 2>&1) || {
      rm -rf "$stage"
      refuse_because transfer "$why"
    }
    printf 'size=%s sha256=%s\n' "$2" "$3"
    shift 3
  done
  rmdir "$stage"
}

send() {
  count=$#
  while [ "$count" -gt 0 ]; do
    count=$((count - 1))
    beside "$1"
    [ -f "$path" ] || refuse transfer "there is no file $path"
    sum=$(sha256sum < "$path" 2>&1) || refuse_because transfer "$sum"
    printf 'size=%s sha256=%s\n' "$(stat -c %s "$path")" "${sum%% *}"
    shift
    set -- "$@" "$path"
  done
  cat -- "$@"
}

transfer() {
  umask 077
  verb=$1 state_dir=$2 cluster=$3 directory=$4
  shift 4
  "$verb" "$@"
}
