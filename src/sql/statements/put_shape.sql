INSERT INTO qingyuan_projections (name, shape) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET shape = excluded.shape
