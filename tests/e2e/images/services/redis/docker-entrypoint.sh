#!/bin/sh
# As the official image's: arguments alone are redis-server's, and without a password it still
# answers others than this host.
set -e
case ${1-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "${1-}" = redis-server ] && [ "${2-}" != --sentinel ]; then
  exec "$@" --protected-mode no
fi
exec "$@"
