"""Debian's packages, where the machine lets us install them."""

import os
import shutil
import subprocess


def install(package: str) -> bool:
    """Install a package with apt, as root or by sudo without a password; say whether it worked."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (as_root and shutil.which("sudo") is None):
        return False
    print(f"installing {package} …", flush=True)
    # RUNLEVEL=1 keeps a package from starting a service of the system's.
    apt = [*as_root, "env", "RUNLEVEL=1", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    subprocess.run([*apt, "update", "-qq"], check=False)
    wanted = [*apt, "install", "-y", "-qq", "--no-install-recommends", package]
    return subprocess.run(wanted, check=False, stdout=subprocess.DEVNULL).returncode == 0
