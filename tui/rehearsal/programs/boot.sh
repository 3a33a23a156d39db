# What init does on a simulated node once the kernel runs: services, then the applications.
. "${ROLLCALL_SYSROOT:?only inside a rehearsal}/../control/simulation.sh"
CALLER=init
export CALLER
"$R$DIS/sbin/dis_services" start
start_apps
