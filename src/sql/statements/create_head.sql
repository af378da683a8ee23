INSERT INTO {journal}_head (id, size, chain, peaks, at_us, folded, origin) VALUES (1, 0, $1, $2, 0, 0, $3)
ON CONFLICT (id) DO NOTHING
