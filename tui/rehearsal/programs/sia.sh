#!/bin/sh
# Simulated self-installing archive: the options, what they do and the results follow the
# manual.  No document shows a run of the real one, so every progress line here is decoration;
# only the prefixes "#* WARNING: " and "#* ERROR: " are known words of Dolphin's scripts.
# The node's own /bin/sh reads this up to the last exit; behind it lies a binary payload.
VERSION=@VERSION@
FAMILY_OF_ARCHIVE=@FAMILY@
. "${ROLLCALL_SYSROOT:?only inside a rehearsal}/../control/simulation.sh"
note "SIA $*"

say() { printf '#* %s\n' "$1"; pause "${2:-180}"; }
die() { printf '#* ERROR: %s\n' "$1"; exit 1; }
warn() { printf '#* WARNING: %s\n' "$1"; }

MODE=all BATCH= REBOOT= ENFORCE= FROM=
while [ $# -gt 0 ]; do
    case $1 in
        --build-rpm) MODE=build ;;
        --install-node) MODE=node ;;
        --install-frontend) MODE=frontend ;;
        --install-all) MODE=all ;;
        --use-rpms)
            [ $# -gt 1 ] || die "--use-rpms needs the directory in which the packages were built"
            FROM=$2
            shift
            ;;
        --batch) BATCH=1 ;;
        --reboot) REBOOT=1 ;;
        --enforce) ENFORCE=1 ;;
        *) die "unknown option $1" ;;
    esac
    shift
done
[ "$MODE" != all ] || die "this rehearsal has --build-rpm, --install-node and --install-frontend"
[ "$FAMILY_OF_ARCHIVE" = "$FAMILY" ] || die "this archive is for $FAMILY_OF_ARCHIVE, the adapter is $FAMILY"

NODE_PACKAGES="Dolphin-$FAMILY Dolphin-SISCI Dolphin-SuperSockets Dolphin-SmartIO"
FRONTEND_PACKAGES='Dolphin-NetworkHosts Dolphin-NetworkManager Dolphin-NetworkAdmin'

# ---- building ----------------------------------------------------------------------------
package() {   # DIRECTORY NAME: the header is what the simulated package manager reads
    case $PLATFORM in
        debian)
            _name=$(echo "$2" | tr '[:upper:]' '[:lower:]')
            _file=$1/${_name}_$VERSION-1_$PACKAGE_ARCH.deb
            ;;
        *) _name=$2 _file=$1/$2-$VERSION-1.$PACKAGE_ARCH.rpm ;;
    esac
    {
        printf 'Name: %s\nVersion: %s\nRelease: 1\nArchitecture: %s\nKernel: %s\nFamily: %s\n\n' \
            "$_name" "$VERSION" "$PACKAGE_ARCH" "$KERNEL" "$FAMILY"
        tail -c 20000 "$SELF"
    } >"$_file"
}

build() {   # DIRECTORY
    say "Dolphin eXpressWare $VERSION for $FAMILY: building packages" 200
    say "kernel $KERNEL, architecture $ARCH" 200
    say "unpacking sources" 400
    for _part in dis_kosif "dis_$(echo "$FAMILY" | tr '[:upper:]' '[:lower:]')" dis_irm dis_sisci dis_ssocks; do
        say "compiling $_part" 350
        [ "$_part" != dis_irm ] || strike build
        if [ "$_part" = dis_irm ] && fault build-fails; then
            echo "make[2]: *** [dis_irm.o] Error 1"
            die "building dis_irm failed, no packages were made"
        fi
    done
    _percent=0
    while [ "$_percent" -lt 100 ]; do
        _percent=$((_percent + 20))
        printf '\r#* linking the management tools %3d%%' "$_percent"
        pause 200
    done
    printf '\n'
    mkdir -p "$1/node_RPMS" "$1/frontend_RPMS" || die "cannot write to $1"
    for _package in $NODE_PACKAGES; do
        say "packing $_package-$VERSION" 120
        package "$1/node_RPMS" "$_package" || die "cannot write to $1/node_RPMS"
    done
    for _package in $FRONTEND_PACKAGES; do
        say "packing $_package-$VERSION" 60
        package "$1/frontend_RPMS" "$_package" || die "cannot write to $1/frontend_RPMS"
    done
    say "packages are in node_RPMS and frontend_RPMS" 50
}

# ---- installing --------------------------------------------------------------------------
header() {   # FILE FIELD
    while IFS=': ' read -r _field _value; do
        [ -n "$_field" ] || return 1
        [ "$_field" != "$2" ] || { echo "$_value"; return 0; }
    done <"$1"
}

installed_version() {   # of the package that stands for this kind of machine
    case $MODE.$PLATFORM in
        node.debian) set -- "dolphin-$(echo "$FAMILY" | tr '[:upper:]' '[:lower:]')" ;;
        node.*) set -- "Dolphin-$FAMILY" ;;
        frontend.debian) set -- dolphin-networkmanager ;;
        *) set -- Dolphin-NetworkManager ;;
    esac
    [ ! -e "$R/var/lib/packages/$1" ] || header "$R/var/lib/packages/$1" Version
}

refuse_downgrade() {
    OLD=$(installed_version)
    [ -n "$OLD" ] && [ -z "$ENFORCE" ] || return 0
    _newest=$(printf '%s\n%s\n' "$VERSION" "$OLD" | sort -V | tail -n 1)
    [ "$_newest" != "$OLD" ] ||
        die "version $OLD is installed; to install the same or an older version ($VERSION) add --enforce"
}

find_packages() {   # sets PACKAGES to the directory that is installed from
    if [ -z "$FROM" ]; then
        FROM=$(mktemp -d "$R/tmp/sia.XXXXXX") || die "cannot write to /tmp"
        build "$FROM"
    fi
    # an absolute path is one on the node, whether written with its real place or without
    [ -d "$FROM/${MODE}_RPMS" ] || [ ! -d "$R$FROM/${MODE}_RPMS" ] || FROM=$R$FROM
    PACKAGES=$FROM/${MODE}_RPMS
    _found=
    for _file in "$PACKAGES"/*.[rd][pe][mb]; do
        [ -e "$_file" ] || continue
        _found=1
        _kernel=$(header "$_file" Kernel) _arch=$(header "$_file" Architecture)
        [ "$_kernel" = "$KERNEL" ] || [ "$MODE" = frontend ] ||
            die "${_file##*/} was built for kernel $_kernel, this machine runs $KERNEL"
        [ "$_arch" = "$PACKAGE_ARCH" ] || die "${_file##*/} is for $_arch, this machine is $PACKAGE_ARCH"
        [ "$(header "$_file" Version)" = "$VERSION" ] || die "${_file##*/} is not of version $VERSION"
    done
    [ -n "$_found" ] || die "no packages in ${PACKAGES#"$R"}"
}

ask() {   # install-prompts: the question comes even with --batch
    printf '# >>> Stop all Dolphin services on this machine and continue? [Y/n] '
    IFS= read -r _answer || { echo; die "no answer"; }
    case $_answer in '' | [Yy]*) ;; *) die "installation was stopped by the operator" ;; esac
}

services_up() { [ -e "$NODEMGR_PID" ] || [ -e "$NETWORKMGR_PID" ] || [ -d "$MODULES/dis_irm" ]; }

trouble() {   # what can be ordered for the middle of an installation
    if fault install-hangs; then
        say "waiting for the package database"
        exec sleep 7200   # silent; TERM ends it
    fi
    strike install
    if fault chatty; then seq -f '#* unpacking file %06.0f of 100000' 1 100000; fi
    if fault ssh-drops; then request cut; fi
    if fault peer-drops; then request peer-down; fi
    ! fault install-fails || die "package Dolphin-SISCI: scriptlet failed, exit status 1; nothing was installed"
    FLAPS=
    ! fault ssh-flaps || FLAPS=1
}

modules_to_disk() {
    _hash=$(printf '%s' "$FAMILY $VERSION" | sha256sum | cut -c1-22 | tr a-f A-F)
    _day=$(($(printf '%s' "$VERSION" | cksum | cut -d' ' -f1) % 9 + 11))
    if fault keeps-old && [ -d "$KO" ]; then
        mkdir -p "$C/old-modules"
        cp "$KO"/*.ko "$C/old-modules/"
    fi
    for _fault in returns-old rolls-back; do
        armed "$_fault" && [ -d "$KO" ] || continue
        mkdir -p "$C/before/$_fault/ko" "$C/before/$_fault/packages"
        cp "$KO"/*.ko "$C/before/$_fault/ko/"
        cp "$R"/var/lib/packages/* "$C/before/$_fault/packages/"
    done
    mkdir -p "$KO" "$R$DIS/sbin"
    _index=10
    for _service in $(services); do
        describe "$_service"
        _words="Dolphin ${LABEL% driver*} $VERSION (  March ${_day}th 2025 )"
        [ "$_service" != supersockets ] ||
            _words="Dolphin SuperSockets $VERSION \"St.Martin\", Mar ${_day}th 2025 (built Mar $_day 2025)"
        for _mod in $MODS; do
            _index=$((_index + 1))
            printf 'description: %s\nversion: %s\nsrcversion: %s\nvermagic: %s SMP mod_unload\n' \
                "$_words" "$VERSION" "$_hash$_index" "$KERNEL" >"$KO/$_mod.ko"
        done
    done
    echo "Dolphin Node Manager ( Node - Network Manager version 12) (Mar $_day 2025)" >"$R$DIS/sbin/dis_nodemgr"
}

frontend_to_disk() {
    mkdir -p "$R$DIS/sbin"
    echo "Dolphin Network Manager (Node - Network Manager version 12) (Mar 11 2025) (Admin - Network Manager version 7)" \
        >"$R$DIS/sbin/dis_networkmgr"
}

install_packages() {
    mkdir -p "$R/var/lib/packages"
    for _file in "$PACKAGES"/*.[rd][pe][mb]; do
        say "updating $(header "$_file" Name) to $VERSION" 300
        [ -z "$FLAPS" ] || { request cut; pause 1700; }
    done
    case $MODE in node) modules_to_disk ;; frontend) frontend_to_disk ;; esac
    for _file in "$PACKAGES"/*.[rd][pe][mb]; do
        head -n 6 "$_file" >"$R/var/lib/packages/$(header "$_file" Name)"
    done
    say "configuration in /etc/dis is kept" 100
}

loaded_version() {
    _v=
    [ ! -e "$MODULES/dis_irm/version" ] || read -r _v <"$MODULES/dis_irm/version"
    echo "$_v"
}

start_services() {
    ! fault link-degraded || : >"$C/link-next"
    ! fault noisy-link || echo 60 >"$C/noisy-link"
    ! fault start-fails || : >"$C/memory-fragmented"
    say "starting services"
    CALLER=SIA "$R$DIS/sbin/dis_services" start
}

install() {
    say "Dolphin eXpressWare $VERSION for $FAMILY" 200
    refuse_downgrade
    find_packages
    say "installed ${OLD:-nothing}, to be installed $VERSION" 250
    say "packages from ${FROM#"$R"}" 250
    ! fault install-prompts || ask
    [ -n "$BATCH" ] || say "no --batch: this rehearsal has no further questions" 100
    STOPPED=1
    if services_up; then
        say "stopping services"
        CALLER=SIA "$R$DIS/sbin/dis_services" stop || STOPPED=
        [ -n "$STOPPED" ] || warn "services could not be stopped: drivers are installed on disk only"
    fi
    for _word in "checking space" "checking kernel $KERNEL" "checking dependencies" "keeping a copy of dis_*.conf"; do
        say "$_word" 250
    done
    trouble
    install_packages
    if [ -n "$REBOOT" ]; then
        say "installation of $VERSION succeeded, the machine reboots now" 50
        CALLER=SIA "$R/usr/sbin/reboot"
        exit 0
    fi
    # Not documented: this simulation fails when services do not start, though the new files
    # are installed then.  The manual's cure is a reboot.
    start_services || die "services could not be started; the files of $VERSION are installed"
    if [ "$MODE" = node ] && [ -z "$STOPPED" ] && [ "$(loaded_version)" != "$VERSION" ]; then
        warn "the drivers of $(loaded_version) are still loaded, a reboot is required to use $VERSION"
    fi
    [ "$MODE" = frontend ] || { say "verifying basic functionality" 500; say "verifying adapter 0" 300; }
    say "installation of $VERSION succeeded" 50
}

SELF=$0
case $MODE.$ROLE in
    build.*) build . ;;
    node.node | frontend.management) install ;;
    *) die "this machine is not one for --install-$MODE" ;;
esac
exit 0
