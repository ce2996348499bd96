"""The two older kinds turned into the native one. Pure: text and values in, values out."""

from celery_kustomize.convert.document import OLDER_KINDS, convert, is_older

__all__ = ["OLDER_KINDS", "convert", "is_older"]
