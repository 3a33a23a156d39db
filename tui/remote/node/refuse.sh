# How a script of ours says no: one line on stdout, "error=KIND detail=TEXT".

# refuse KIND TEXT
refuse() {
  printf 'error=%s detail=%s\n' "$1" "$(printf %s "$2" | tr '\n' ' ')"
  exit 0
}

# refuse_because KIND TEXT: a better kind if the system's own words tell one
refuse_because() {
  case $2 in
    *"No space left on device"* | *"quota exceeded"*) refuse disk-full "$2" ;;
    *"Read-only file system"*) refuse read-only "$2" ;;
    *"ermission denied"* | *"not permitted"*) refuse no-permission "$2" ;;
    *) refuse "$1" "$2" ;;
  esac
}
