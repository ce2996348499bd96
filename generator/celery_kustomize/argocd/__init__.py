"""The config-management plugin that Argo CD runs beside its repo-server. Prints nothing itself."""
