# One file, whole or not at all.
# Called as: transfer receive STATE_DIR CLUSTER PATH BYTES SHA256 (the file on stdin)
#            transfer send STATE_DIR CLUSTER PATH               (the file on stdout)
# Answers "size=BYTES sha256=SUM" (send: before the file), or refuses (refuse.sh).

receive() {
  case $file in "$state_dir"/*) own_place "$state_dir" "$cluster" ;; esac
  safe_place "${file%/*}"
  directory=$place path=$place/${file##*/}
  why=$(mkdir -p "$directory" 2>&1) || refuse_because transfer "$why"
  temporary=$(mktemp "$directory/.rollcall.XXXXXX" 2>&1) || refuse_because transfer "$temporary"
  why=$( { head -c "$1" > "$temporary" && { sync "$temporary" 2>/dev/null || sync; }; } 2>&1)
  got=$?
  sum=$(sha256sum < "$temporary")
  if [ "$got" -ne 0 ] || [ "${sum%% *}" != "$2" ]; then
    rm -f "$temporary"
    refuse_because transfer "${why:-what arrived is not what was sent}"
  fi
  why=$(mv -f -T "$temporary" "$path" 2>&1) || { rm -f "$temporary"; refuse_because transfer "$why"; }
  printf 'size=%s sha256=%s\n' "$1" "$2"
}

send() {
  safe_place "${file%/*}"
  path=$place/${file##*/}
  [ -f "$path" ] || refuse transfer "there is no file $path"
  sum=$(sha256sum < "$path" 2>&1) || refuse_because transfer "$sum"
  printf 'size=%s sha256=%s\n' "$(stat -c %s "$path")" "${sum%% *}"
  cat "$path"
}

transfer() {
  umask 077
  verb=$1 state_dir=$2 cluster=$3 file=$4
  shift 4
  "$verb" "$@"
}
