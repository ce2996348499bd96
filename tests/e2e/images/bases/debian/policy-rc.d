#!/bin/sh
# Packages start no services when they are installed.
exit 101
