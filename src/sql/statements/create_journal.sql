-- One journal: its records, the stored nodes of its Merkle tree (levels 8, 16, …) and its one head.
CREATE TABLE IF NOT EXISTS {journal}_records (
    seq {integer} PRIMARY KEY,
    dossier {integer} NOT NULL,
    record {bytes} NOT NULL,
    chain {bytes} NOT NULL
);
CREATE INDEX IF NOT EXISTS {journal}_records_dossier ON {journal}_records (dossier, seq) WHERE dossier <> 0;
CREATE TABLE IF NOT EXISTS {journal}_nodes (
    level {integer} NOT NULL,
    position {integer} NOT NULL,
    digest {bytes} NOT NULL,
    PRIMARY KEY (level, position)
);
CREATE TABLE IF NOT EXISTS {journal}_head (
    id {integer} PRIMARY KEY CHECK (id = 1),
    size {integer} NOT NULL,
    chain {bytes} NOT NULL,
    peaks {bytes} NOT NULL,
    at_us {integer} NOT NULL,
    folded {integer} NOT NULL,
    origin {text} NOT NULL
);
