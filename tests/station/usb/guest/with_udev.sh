#!/bin/sh
# Inside the guest: the rest runs as on a station that was set up by docs/usb.md, with udev and our
# rules, and as a user who is not root.   with_udev.sh HOME COMMAND…
set -eu
home=$1
shift
useradd --system --user-group evidock
cp config/60-evidock.rules /etc/udev/rules.d/
# What the guest's first process did in place of the rules is undone: now they must do it.
for bus in /sys/bus/usb/devices/usb*; do echo 1 >"$bus/authorized_default"; done
/lib/systemd/systemd-udevd --daemon 2>/dev/null
udevadm trigger --action=add --subsystem-match=usb --subsystem-match=block
udevadm settle
chown -R evidock: "$home"
chmod -R u+rwX,go-rwx "$home"
for folder in "$home" "$(readlink -f .venv/bin/python)"; do # the way to both is free
    while [ "$folder" != / ]; do
        folder=$(dirname "$folder")
        chmod o+x "$folder"
    done
done
exec setpriv --reuid evidock --regid evidock --init-groups --no-new-privs "$@"
