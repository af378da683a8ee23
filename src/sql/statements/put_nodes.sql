INSERT INTO {journal}_nodes (level, position, digest) {rows integer integer bytes}
ON CONFLICT (level, position) DO UPDATE SET digest = excluded.digest
