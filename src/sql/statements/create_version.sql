CREATE TABLE IF NOT EXISTS qingyuan_schema (
    version {integer} PRIMARY KEY
);
