SELECT coalesce(max(version), 0) FROM qingyuan_schema
