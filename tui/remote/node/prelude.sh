# Goes before every script that is sent to a node.
# R is the root below which every file of the node is looked up: empty on a real node.
R=${ROLLCALL_SYSROOT:-}
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ -n "$R" ]; then
  PATH=$R/usr/local/sbin:$R/usr/local/bin:$R/usr/sbin:$R/usr/bin:$R/sbin:$R/bin:$PATH
  export ROLLCALL_SYSROOT
fi
LC_ALL=C
export R PATH LC_ALL
umask 022
