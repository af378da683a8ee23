INSERT INTO qingyuan_schema (version) VALUES ($1)
