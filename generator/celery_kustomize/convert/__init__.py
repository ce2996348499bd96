"""The two older kinds turned into the native one. Pure: text and values in, values out."""
