"""Import this before anything else: makes the process cooperative and its time zones pinned."""

import warnings

warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")

import eventlet  # noqa: E402 (the filter must stand before the import that warns)

eventlet.monkey_patch()

import zoneinfo  # noqa: E402 (imported after patching, like everything else)

# Python prefers the system's zone files, which may be years old, to the pinned tzdata package.
zoneinfo.reset_tzpath(to=[])
