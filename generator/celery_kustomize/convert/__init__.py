"""The two older kinds turned into the native one. Pure: text and values in, values out."""

from celery_kustomize.convert.document import OLDER_KINDS, convert, is_older
from celery_kustomize.convert.text import ConvertedText, convert_text

__all__ = ["OLDER_KINDS", "ConvertedText", "convert", "convert_text", "is_older"]
