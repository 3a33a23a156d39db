# Our places on a node: root writes only where nobody else could have put something in its way.  Needs refuse.sh.
#
#   STATE_DIR/.rollcall   the mark: "cluster=NAME".  What lies beside it is Rollcall's, for the cluster of that name.

newline='
'

# next_fact: of the lines that stat wrote, the next one as uid, gid and mode (of which the octal 170000 is the kind)
next_fact() {
  [ -n "$facts" ] || return 1
  # shellcheck disable=SC2086
  set -- ${facts%%"$newline"*}
  case $#$1$2 in *[!0-9]* | ????????????????????????*) set -- ;; esac
  case $# in 3) ;; *) refuse unsafe-place "stat does not answer there as it should" ;; esac
  case $3 in *[!0-9a-f]* | ?????????*) refuse unsafe-place "stat does not answer there as it should" ;; esac
  uid=$1 gid=$2 mode=$((0x$3))
  case $facts in *"$newline"*) facts=${facts#*"$newline"} ;; *) facts='' ;; esac
}

# owned PART: uid, gid and mode are those of something that only root, or whoever runs this, can have put there
owned() {
  [ "$uid" -eq 0 ] || [ "$uid" -eq "$me" ] || refuse unsafe-place "${1#"$R"} belongs to another user (uid $uid)"
  case $((mode & 0170000)) in
    "$((0120000))") return ;; # a symlink has no permissions of its own
    "$((0040000))") ;;
    *) refuse unsafe-place "${1#"$R"} is not a directory" ;;
  esac
  [ "$((mode & 2))" -eq 0 ] || refuse unsafe-place "everybody may write to ${1#"$R"}"
  [ "$((mode & 020))" -eq 0 ] || [ "$gid" -eq 0 ] || [ "$gid" -eq "$mine" ] ||
    refuse unsafe-place "others (group $gid) may write to ${1#"$R"}"
}

# safe_place PATH: sets place to PATH without its symlinks, and missing if it is not all there yet.  Refuses where a
# part of it, from "$R/" down, is not a directory of root's or ours, or may be written to by others: then what is
# there, or will be in a moment, may be theirs.  A symlink of root's is followed, anybody else's never.
safe_place() {
  place=$R$1 missing='' links=0
  until straight; do
    links=$((links + 1))
    [ "$links" -le 8 ] || refuse unsafe-place "${1#"$R"} leads through too many symlinks"
  done
}

# straight: looks at place part by part; false when a symlink was met, with place leading past it
straight() {
  root=''
  case $place/ in "$R"/*) root=$R ;; esac
  set -f
  IFS=/
  # shellcheck disable=SC2086
  set -- ${place#"$root"}
  unset IFS
  set +f
  place=$root
  for name; do
    shift
    [ -n "$name" ] || continue
    place=$place/$name
    set -- "$@" "$place"
  done
  # what is missing has no line, and nothing after it can have one
  facts=$(stat -c '%u %g %f' /proc/self/. "$root/" "$@" 2> /dev/null)
  next_fact || refuse unsafe-place "who runs this cannot be told: /proc is not there"
  me=$uid mine=$gid
  next_fact || refuse unsafe-place "$root/ cannot be looked at"
  owned "$root/"
  for part; do
    next_fact || { missing=1; return 0; }
    owned "$part"
    if [ "$((mode & 0170000))" -eq "$((0120000))" ]; then
      target=$(readlink "$part") || refuse unsafe-place "${part#"$R"} cannot be read"
      case $target in /*) ;; *) target=${part%/*}/$target ;; esac
      place=$target${place#"$part"}
      return 1
    fi
  done
}

# our_file PATH: a plain file of ours, or nothing at all
our_file() {
  if [ -L "$1" ]; then refuse unsafe-place "${1#"$R"} is a symlink"; fi
  if [ ! -e "$1" ]; then return; fi
  if [ ! -f "$1" ] || [ ! -O "$1" ]; then refuse unsafe-place "${1#"$R"} is not a file of ours"; fi
}

# our_directory PATH: a directory of ours, or nothing at all
our_directory() {
  if [ -L "$1" ]; then refuse unsafe-place "${1#"$R"} is a symlink"; fi
  if [ ! -e "$1" ]; then return; fi
  if [ ! -d "$1" ] || [ ! -O "$1" ]; then refuse unsafe-place "${1#"$R"} is not a directory of ours"; fi
}

# check_place STATE_DIR CLUSTER: safe, ours if it is there, and marked for no other cluster; marked tells if at all
check_place() {
  safe_place "$1"
  marked=''
  if [ -n "$missing" ]; then return; fi
  for name in jobs packages sia; do our_directory "$place/$name"; done
  our_file "$place/.rollcall"
  line=''
  { read -r line < "$place/.rollcall"; } 2> /dev/null
  case $line in
    "cluster=$2") marked=1 ;;
    '' | cluster=) ;;
    *)
      if [ -n "$2" ]; then
        refuse unsafe-place "${1#"$R"} belongs to the cluster ${line#cluster=}: give each cluster a paths.state of its own"
      fi
      marked=1
      ;;
  esac
}

# own_place STATE_DIR CLUSTER: as above, and made and marked where it was not.  One that holds other things is not ours.
own_place() {
  check_place "$1" "$2"
  if [ -n "$missing" ]; then
    why=$( (umask 077 && mkdir -p "$place") 2>&1) || refuse_because unsafe-place "$why"
  fi
  if [ -n "$marked" ]; then return; fi
  for name in "$place"/* "$place"/.[!.]*; do
    case ${name##*/} in
      jobs | packages | sia)
        [ "$(stat -c %a "$name")" = 700 ] || refuse unsafe-place "$1 is not Rollcall's own: it did not make ${name##*/}"
        ;;
      '*' | '.[!.]*' | lock | lock.* | out | out.* | .rollcall* | lost+found) ;;
      *) refuse unsafe-place "${1#"$R"} is not Rollcall's own: ${name##*/} is in it; name a directory of its own" ;;
    esac
  done
  why=$( (umask 077 && chmod 700 "$place" && printf 'cluster=%s\n' "$2" | cat > "$place/.rollcall.$$" &&
    mv -f -T "$place/.rollcall.$$" "$place/.rollcall") 2>&1) || {
    rm -f "$place/.rollcall.$$"
    refuse_because unsafe-place "$why"
  }
}

# leave_place: directories of ours go when nothing is in them any more, and the mark with them
leave_place() {
  rmdir "$place/jobs" 2> /dev/null
  for name in "$place"/* "$place"/.[!.]*; do
    case $name in "$place/*" | "$place/.[!.]*" | "$place/.rollcall") ;; *) return 0 ;; esac
  done
  rm -f "$place/.rollcall"
  rmdir "$place" 2> /dev/null
  return 0
}

# place clear STATE_DIR CLUSTER: remove packages and archive (only below our mark), and what is empty then
place() {
  check_place "$2" "$3"
  if [ -z "$missing" ]; then
    for name in packages sia; do
      [ -e "$place/$name" ] || continue
      [ -n "$marked" ] || refuse unsafe-place "$2 is not marked as Rollcall's own; nothing was removed"
      why=$(rm -rf "$place/$name" 2>&1) || refuse_because unsafe-place "$why"
    done
    leave_place
  fi
  printf 'place=clear\n'
}
