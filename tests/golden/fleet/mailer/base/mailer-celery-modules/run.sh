#!/bin/sh
# Makes the modules beside this file importable, then becomes the given command.
# They are added here because PYTHONPATH in the pod's env would replace the image's own.
folder=${0%/*}
export PYTHONPATH="$folder${PYTHONPATH:+:$PYTHONPATH}"
# Only together with the folder: Celery fails when it cannot import its loader.
if [ -n "$CELERY_KUSTOMIZE_SETTINGS" ]; then
  export CELERY_LOADER=celery_kustomize_loader:Loader
fi
exec "$@"
