"""Find and run the kustomize program: builds of local folders only, never remote."""
