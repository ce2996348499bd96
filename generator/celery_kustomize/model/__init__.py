"""What users may write, as pydantic models; the fields' docs are the reference docs. Pure."""
