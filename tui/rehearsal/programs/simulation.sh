# What all the simulated programs of a node share.  Sourced, POSIX sh.
#
# A node's directory holds root/ (its file system, ROLLCALL_SYSROOT) and control/ (what the
# machinery of the rehearsal keeps about it: settings, ordered faults, the log of what ran).
# Nothing here may run outside a rehearsal: these programs carry the names of real ones.

: "${ROLLCALL_SYSROOT:?this program is part of a rehearsal and runs only inside one}"
R=$ROLLCALL_SYSROOT
C=${R%/*}/control
. "$C/settings"
KO=$R$DIS/lib/modules/$KERNEL
MODULES=$R/sys/module
LOCKS=$R/var/lock/subsys
NODEMGR_PID=$R/var/run/dis_nodemgr.pid
NETWORKMGR_PID=$R/var/run/dis_networkmgr.pid
APPLICATIONS=$R/run/applications

# note WORDS: one line in the log by which a test proves what ran and how often.
note() { printf '%s%s\n' "${CALLER:+$CALLER: }" "$*" >>"$C/log"; }

# pause MILLISECONDS of demo time; the pace (in thousandths) divides it.
pause() {
    _ms=$(($1 * 1000 / PACE))
    [ "$_ms" -gt 0 ] || return 0
    _fraction=$((1000 + _ms % 1000))
    sleep "$((_ms / 1000)).${_fraction#1}"
}

armed() { [ -e "$C/faults/$1" ]; }

# fault NAME: true once per order.  The rename decides, so that two callers cannot both act.
fault() { armed "$1" && mv "$C/faults/$1" "$C/spent/$1" 2>/dev/null; }

# strike PLACE: the node restarts by itself here, and what was running gets no further.
strike() { ! fault "reboots-in-$1" || { request reboot; exec sleep 60; }; }

# request WORD: asks the machinery for what no process of a node could do to itself.  The pipe
# is opened for reading too, so that the call cannot block when nobody listens any more.
request() { printf '%s %s\n' "$NODE" "$1" 1<>"$REQUESTS"; }

# ---- result marks ------------------------------------------------------------------------
# begin TEXT, then one of succeeded, failed.  complain TEXT is a failure message of its own
# line, as rc scripts print when rmmod or insmod fails.
begin() {
    _text=$1
    printf '%s' "$_text"
    pause "${2:-120}"
}
to_column() {   # 59 characters before the mark, and one blank at least after a longer text
    _blanks=$((59 - ${#1}))
    [ "$_blanks" -gt 0 ] || _blanks=1
    printf '%*s' "$_blanks" ''
}
succeeded() {
    case $MARKS in
        column) to_column "$_text"; printf '[  OK  ]\n' ;;
        escapes) printf '\033[60G[\033[0;32m  OK  \033[0;39m]\r\n' ;;
        debian) printf '.\n' ;;
        none) printf '\n' ;;
    esac
}
failed() {
    case $MARKS in
        column) to_column "$_text"; printf '[FAILED]\n' ;;
        escapes) printf '\033[60G[\033[0;31mFAILED\033[0;39m]\r\n' ;;
        debian) printf ' ... failed!\n' ;;
        none) printf '\n' ;;
    esac
}
complain() {
    case $MARKS in
        column) printf '\n%s' "$1"; to_column "$1"; printf '[FAILED]\n' ;;
        escapes) printf '\r\n%s\033[60G[\033[0;31mFAILED\033[0;39m]\r\n' "$1" ;;
        debian) printf '\n%s ... failed!\n' "$1" ;;
        none) printf '\n#* ERROR: %s\n' "$1" ;;
    esac
}

# ---- kernel modules ----------------------------------------------------------------------
# The words that describe a service: LABEL as printed, MODS in load order, the name of its lock
# and of its log.
describe() {
    LABEL= MODS= LOCK=dis_$1
    case $1 in
        kosif) LABEL='KOSIF driver' MODS=dis_kosif ;;
        hw)
            LABEL="$FAMILY driver"
            case $FAMILY in
                MX) MODS=dis_mx LOCK=dis_mx ;;
                PX) MODS=dis_px_ntb LOCK=dis_px ;;
                IX) MODS='dis_ix_ntb dis_ix_dma' LOCK=dis_ix ;;
                DX) MODS=dis_dx LOCK=dis_dx ;;
            esac
            ;;
        irm) LABEL='IRM driver' MODS=dis_irm ;;
        sisci) LABEL='SISCI driver' MODS=dis_sisci ;;
        supersockets) LABEL='SuperSockets drivers' MODS='dis_mbox dis_msq dis_ssocks' ;;
    esac
    LOG=/var/log/$LOCK.log
}

# In the order in which they start.  The DX 3.6 manual knows no KOSIF service.
services() {
    case $ROLE$FAMILY in
        management*) echo networkmgr ;;
        nodeDX) echo hw irm nodemgr sisci supersockets ;;
        *) echo kosif hw irm nodemgr sisci supersockets ;;
    esac
}

needs() {   # the modules that must be loaded before this one
    case $1 in
        dis_kosif | dis_dx) ;;
        dis_mx | dis_px_ntb | dis_ix_ntb) echo dis_kosif ;;
        dis_ix_dma) echo dis_ix_ntb ;;
        dis_irm) describe hw; echo "${MODS##* }" ;;
        dis_sisci | dis_mbox) echo dis_irm ;;
        dis_msq) echo dis_mbox ;;
        dis_ssocks) echo dis_msq ;;
    esac
}

# ---- applications ------------------------------------------------------------------------
# A line of control/applications: holder or other (whether it uses PCI Express), yes or no (whether a start
# command starts it), its name.
app_kind() {   # sets KIND and PLACE; false for a name that is not there
    KIND= PLACE=0 _place=0
    while read -r _kind _started _name; do
        _place=$((_place + 1))
        [ "$_name" != "$1" ] || { KIND=$_kind; PLACE=$_place; }
    done <"$C/applications"
    [ -n "$KIND" ]
}

app_runs() { [ -e "$APPLICATIONS/$1/transport" ]; }

app_transport() {   # pcie or ethernet while applications that use PCI Express run, else nothing
    APP=
    for _file in "$APPLICATIONS"/*/transport; do
        [ -e "$_file" ] || continue
        read -r _over <"$_file"
        case $_over in
            pcie) APP=pcie ;;
            ethernet) APP=${APP:-ethernet} ;;
        esac
    done
}

start_app() {
    ! app_runs "$1" || return 0
    strike app-start
    pause 400
    app_kind "$1"
    # Sockets opened while PCI Express is down stay on Ethernet until the application reconnects.
    _over=none
    if [ "$KIND" = holder ]; then
        if [ -d "$MODULES/dis_ssocks" ] && [ -e "$NODEMGR_PID" ]; then _over=pcie; else _over=ethernet; fi
        _proc=$R/proc/$((PID_BASE + 699 + PLACE))
        mkdir -p "$_proc"
        echo "$1" >"$_proc/comm"
        echo '7f1c2a000000-7f1c2a00b000 r-xp 00000000 fd:00 1311 /opt/DIS/lib64/libksupersockets.so' >"$_proc/maps"
    fi
    mkdir -p "$APPLICATIONS/$1"
    echo "$_over" >"$APPLICATIONS/$1/transport"
    settle
}

stop_app() {
    app_runs "$1" || return 0
    pause 800
    strike app-stop
    if fault app-refuses; then
        echo "Job for $1.service failed because a timeout was exceeded." >&2
        echo "See \"systemctl status $1.service\" and \"journalctl -xeu $1.service\" for details." >&2
        return 1
    fi
    app_kind "$1"
    rm -rf "${APPLICATIONS:?}/$1"
    _proc=$R/proc/$((PID_BASE + 699 + PLACE))
    if [ "$KIND" = holder ] && fault app-lingers; then
        { pause 12000; rm -rf "$_proc"; } </dev/null >/dev/null 2>&1 &
    else
        rm -rf "$_proc"
    fi
    settle
}

start_apps() {   # as init does: every one of them
    [ "$ROLE" = node ] || return 0
    while read -r _ _ _each <&3; do
        if [ "$_each" = application ]; then
            note "start application"
            start_app application
        else
            "$R/usr/bin/systemctl" start "$_each"
        fi
    done 3<"$C/applications"
}

started_apps_run() {
    while read -r _kind _started _name; do
        [ "$_started" != yes ] || app_runs "$_name" || return 1
    done <"$C/applications"
}

# Reference counts follow from who holds what.  dis_ssocks is locked against unloading even
# when idle, so its own count proves nothing; the service script knows and looks past it.
settle() {
    app_transport
    for _m in "$MODULES"/dis_*; do
        [ -d "$_m" ] || continue
        _n=0
        for _h in "$_m"/holders/*; do [ ! -e "$_h" ] || _n=$((_n + 1)); done
        case ${_m##*/}.$APP in
            dis_ssocks.pcie) _n=$((_n + 4)) ;;
            dis_ssocks.*) _n=$((_n + 1)) ;;
            dis_sisci.pcie) _n=$((_n + 1)) ;;
        esac
        [ "${_m##*/}" != dis_irm ] || [ ! -e "$NODEMGR_PID" ] || _n=$((_n + 1))
        echo "$_n" >"$_m/refcnt"
    done
}

in_use() {
    read -r _n <"$MODULES/$1/refcnt"
    [ "$1" != dis_ssocks ] || _n=$((_n - 1))
    [ "$_n" -gt 0 ]
}

# facts FILE: VERSION_ON_DISK, SRCVERSION, DESCRIPTION as the module file says them.
facts() {
    VERSION_ON_DISK= SRCVERSION= DESCRIPTION=
    [ -e "$1" ] || return 1
    while IFS= read -r _line; do
        case $_line in
            version:*) VERSION_ON_DISK=${_line#version: } ;;
            srcversion:*) SRCVERSION=${_line#srcversion: } ;;
            description:*) DESCRIPTION=${_line#description: } ;;
        esac
    done <"$1"
}

load_module() {   # 1 = no such file, 2 = the kernel refused
    [ ! -d "$MODULES/$1" ] || return 0
    _file=$KO/$1.ko
    # keeps-old: the machine finds an old copy of its drivers first, until it boots again
    [ ! -e "$C/old-modules/$1.ko" ] || _file=$C/old-modules/$1.ko
    facts "$_file" || return 1
    [ ! -e "$C/memory-fragmented" ] || case $1 in dis_mx | dis_px_ntb | dis_ix_ntb | dis_dx) return 2 ;; esac
    _needed=$(needs "$1")
    [ -z "$_needed" ] || [ -d "$MODULES/$_needed" ] || return 2
    mkdir -p "$MODULES/$1/holders"
    echo "$VERSION_ON_DISK" >"$MODULES/$1/version"
    echo "$SRCVERSION" >"$MODULES/$1/srcversion"
    echo 0 >"$MODULES/$1/refcnt"
    [ -z "$_needed" ] || : >"$MODULES/$_needed/holders/$1"
}

unload_module() {
    [ -d "$MODULES/$1" ] || return 0
    settle
    if in_use "$1"; then
        echo "rmmod: ERROR: Module $1 is in use" >>"$R$LOG"
        return 1
    fi
    rm -rf "${MODULES:?}/$1" "$MODULES"/dis_*/holders/"$1"
    settle
}
